// Inflates the messages that `Generate --messages FILE` writes, and does nothing with them: what permessage-deflate costs
// at least. Prints the bytes of the inflated messages, and the seconds on the clock and of the processor that inflating
// took, without reading the file.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

// What the sender left out of each message (RFC 7692 §7.2.2).
static const unsigned char tail[4] = {0x00, 0x00, 0xff, 0xff};

static void fail(const char *reason) {
  fprintf(stderr, "zlibloop: %s\n", reason);
  exit(2);
}

static uint32_t number(const unsigned char *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

// Reads all of the file: of each message its stream, its length with the tail, its bytes, the tail.
static unsigned char *load(const char *path, size_t *size, uint32_t *streams) {
  FILE *file = fopen(path, "rb");
  size_t capacity = 1 << 20;
  unsigned char header[8], *bytes = malloc(capacity);
  if (file == NULL || bytes == NULL) fail("cannot read the file");
  *size = 0;
  *streams = 0;
  while (fread(header, 1, 8, file) == 8) {
    uint32_t stream = number(header), length = number(header + 4), whole = length + 4;
    if (length > 1 << 24) fail("not a file of messages");
    if (capacity - *size < 8 + (size_t)whole) {
      capacity = 2 * capacity + 8 + whole;
      bytes = realloc(bytes, capacity);
      if (bytes == NULL) fail("not enough memory");
    }
    memcpy(bytes + *size, &stream, 4);
    memcpy(bytes + *size + 4, &whole, 4);
    if (fread(bytes + *size + 8, 1, length, file) != length) fail("the file is cut");
    memcpy(bytes + *size + 8 + length, tail, 4);
    *size += 8 + whole;
    if (stream >= *streams) *streams = stream + 1;
  }
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  static unsigned char output[1 << 16];
  if (argc != 2) {
    printf("zlib %s\n", zlibVersion());
    return 0;
  }
  size_t size;
  uint32_t streams, stream, length;
  unsigned char *bytes = load(argv[1], &size, &streams);
  z_stream *inflaters = calloc(streams ? streams : 1, sizeof(z_stream));
  if (inflaters == NULL) fail("not enough memory");

  double wall = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
  unsigned long long inflated = 0;
  for (uint32_t index = 0; index < streams; index++) {
    if (inflateInit2(&inflaters[index], -15) != Z_OK) fail("not enough memory");
  }
  for (size_t position = 0; position < size; position += 8 + (size_t)length) {
    memcpy(&stream, bytes + position, 4);
    memcpy(&length, bytes + position + 4, 4);
    z_stream *inflater = &inflaters[stream];
    inflater->next_in = bytes + position + 8;
    inflater->avail_in = length;
    do {
      inflater->next_out = output;
      inflater->avail_out = sizeof(output);
      int result = inflate(inflater, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) fail("a message is damaged");
      inflated += sizeof(output) - inflater->avail_out;
    } while (inflater->avail_out == 0);
  }
  printf("%llu %.6f %.6f\n", inflated, seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - processor);
  return 0;
}
