// Reads a capture with libpcap and does nothing with its packets: what reading costs at least.
#include <pcap/pcap.h>
#include <stdio.h>

static void count(u_char *packets, const struct pcap_pkthdr *header, const u_char *bytes) {
  (void)header;
  (void)bytes;
  ++*(unsigned long *)packets;
}

int main(int argc, char **argv) {
  char error[PCAP_ERRBUF_SIZE];
  unsigned long packets = 0;
  if (argc != 2) {
    printf("%s\n", pcap_lib_version());
    return 0;
  }
  pcap_t *capture = pcap_open_offline(argv[1], error);
  if (capture == NULL) {
    fprintf(stderr, "pcaploop: %s\n", error);
    return 2;
  }
  if (pcap_loop(capture, -1, count, (u_char *)&packets) != 0) {
    pcap_perror(capture, "pcaploop");
    return 2;
  }
  pcap_close(capture);
  printf("%lu\n", packets);
  return 0;
}
