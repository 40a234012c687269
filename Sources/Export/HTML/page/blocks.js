// The blocks behind the page: base64 of zlib streams.

/** The bytes that `text` stands for. */
function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The content of a block; what is not whole throws. */
async function unpack(text) {
  const packed = new Blob([fromBase64(text)]).stream();
  return new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
}

/** Whether this browser can read blocks. */
const canUnpack = () => typeof DecompressionStream === "function";

/** The elements of the blocks of a kind, in order. */
const blockElements = (kind) => [...document.querySelectorAll(`script[data-block="${kind}"]`)];

/** The payloads, unpacked when they are asked for. */
const payloads = {
  elements: [],
  /** Block number → bytes, or a promise of them. */
  blocks: [],
  /** Called when a block is there. */
  onLoad: () => {},

  find() { this.elements = blockElements("payloads"); },

  /** Unpacks a block, if that was not done; a block that is damaged is empty. */
  load(number) {
    const known = this.blocks[number];
    if (known) return known;
    const element = this.elements[number];
    if (!element) return this.blocks[number] = new Uint8Array();
    const promise = unpack(element.textContent).catch(() => new Uint8Array()).then((bytes) => {
      this.blocks[number] = bytes;
      element.remove();
      this.onLoad();
      return bytes;
    });
    return this.blocks[number] = promise;
  },

  /** Unpacks all blocks; `isWanted` may end that. */
  async loadAll(isWanted = () => true) {
    for (let number = 0; number < this.elements.length && isWanted(); number++) await this.load(number);
  },

  /** The bytes of `row`, or null while they are unpacked, or if the report does not have them. */
  now(row) {
    if (row.block < 0) return null;
    if (row.stored === 0) return new Uint8Array();
    const block = this.load(row.block);
    return block instanceof Uint8Array ? block.subarray(row.at, row.at + row.stored) : null;
  },

  /** The same, when they are there; null only if the report does not have them. */
  async of(row) {
    if (row.block < 0) return null;
    if (row.stored > 0) await this.load(row.block);
    return this.now(row);
  },
};
