import type { Random } from '../simulation/random.ts'

/** One parser of bytes that others wrote, and what it promises of them. */
export interface Target {
  readonly name: string
  /** A valid input, made by the product's own writers. */
  readonly valid: (random: Random) => Uint8Array
  /** Reads the bytes. Ends in a value or in an error of its own. */
  readonly read: (bytes: Uint8Array) => unknown
  /** True for the errors that callers of this parser are told of. */
  readonly refuses: (error: unknown) => boolean
  /**
   * Set where every byte is signed for: any other byte, and any truncation, is refused. `same` where the text may be
   * spelled otherwise (JSON files): then it is refused or says the same.
   */
  readonly signed?: 'exact' | 'same'
  /** One input takes a tenth of a second: fewer are read. */
  readonly costly?: boolean
}

/** An error of ours: it carries a code. What the platform throws from inside a parser does not, or begins with `ERR_`. */
export const isCoded = (error: unknown): boolean => {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && !code.startsWith('ERR_')
}
export const isOf =
  (...names: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof Error && names.includes(error.name)

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
export const bytes = (written: string): Uint8Array => new Uint8Array(Buffer.from(written))
export const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value))
