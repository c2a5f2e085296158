/** Whatever is in a bundle, it is at least so long: one that only acknowledges looks like one with a few records. */
const LEAST_BYTES = 64 * 1024

/**
 * The size class of a content. The length of a bundle tells its class, which is all that whoever carries it learns of how much goes:
 * as many classes as bits of the logarithm, at most an eighth more bytes.
 * @see Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", section 4 (Padmé)
 */
export function paddedSize(bytes: number): number {
  if (bytes <= LEAST_BYTES) return LEAST_BYTES
  const e = Math.floor(Math.log2(bytes))
  const s = Math.floor(Math.log2(e)) + 1
  const step = 2 ** (e - s)
  return Math.ceil(bytes / step) * step
}
