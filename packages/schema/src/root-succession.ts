import { z } from 'zod'
import { fromBase64url, toBase64url } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import { PublicKey } from './certificate.ts'
import { openJws, peekJws, type Sign, signJws, type Verify } from './jws.ts'
import { Nation } from './nation.ts'
import { AtMs } from './statement/said.ts'

/**
 * A nation's root gives its place to another key. Old and new root both sign just this sentence: the old one says whom it names, the new
 * one that somebody holds it. A root names one successor, once.
 * @see RFC 4210, section 4.4 (root CA key update)
 */
export const RootSuccession = z
  .strictObject({
    nation: Nation,
    from: PublicKey,
    to: PublicKey,
    at: AtMs,
    reason: z.string().min(1).max(200),
  })
  .refine(({ from, to }) => from !== to, { error: 'a root does not succeed itself' })
export type RootSuccession = z.infer<typeof RootSuccession>
export const rootSuccessionType = 'entente-root-succession'

/** The same sentence twice, compact JWS: signed by the old root and by the new one. */
export const SignedSuccession = z.strictObject({
  old: z.string().max(2_048),
  new: z.string().max(2_048),
})
export type SignedSuccession = z.infer<typeof SignedSuccession>

/** Roots that one nation has had, one after another. */
export const Successions = z.array(SignedSuccession).min(1).max(16).readonly()

/** A succession that counts for nothing; the message starts in lower case and says why. */
export class SuccessionError extends Error {
  override readonly name = 'SuccessionError'
  readonly code = 'ROOT_SUCCESSION'
}

export const sealSuccession = (word: RootSuccession, old: Sign, next: Sign): SignedSuccession => {
  const said = RootSuccession.parse(word)
  return {
    old: signJws(rootSuccessionType, said, old),
    new: signJws(rootSuccessionType, said, next),
  }
}

/** Both roots have signed the same sentence, which names both. @throws {SuccessionError} */
export function openSuccession(signed: SignedSuccession, verify: Verify): RootSuccession {
  const said = peek(signed.old)
  const by = (jws: string, key: string, which: string): void => {
    try {
      const word = openJws(jws, rootSuccessionType, fromBase64url(key) ?? new Uint8Array(), verify)
      if (canonicalJson(word) === canonicalJson(said)) return
    } catch {
      throw new SuccessionError(`the ${which} root of ${said.nation} has not signed it`)
    }
    throw new SuccessionError(`old and new root of ${said.nation} have signed two sentences`)
  }
  by(signed.old, said.from, 'old')
  by(signed.new, said.to, 'new')
  return said
}

function peek(jws: string): RootSuccession {
  try {
    return RootSuccession.parse(peekJws(jws).payload)
  } catch {
    throw new SuccessionError('it is no word of a root on its successor')
  }
}

/**
 * The roots that a nation had before its present one, oldest first: each has named the next, and the last of them this one.
 * @param successions oldest first
 * @throws {SuccessionError} unless they are of the nation, unbroken, without a root that comes again, and end at `root`
 */
export function formerRootsOf(
  { nation, root }: { readonly nation: Nation; readonly root: string },
  successions: readonly SignedSuccession[],
  verify: Verify,
): readonly RootSuccession[] {
  const words = successions.map((signed) => openSuccession(signed, verify))
  const seen = new Set<string>()
  for (const [i, word] of words.entries()) {
    if (word.nation !== nation) throw new SuccessionError(`it is of a root of ${word.nation}`)
    const next = words[i + 1]?.from ?? root
    if (word.to !== next)
      throw new SuccessionError(`root ${word.from} names ${word.to}, and ${next} comes after it`)
    seen.add(word.from)
    if (seen.has(word.to)) throw new SuccessionError(`root ${word.to} comes again`)
  }
  return words
}

/** Who has a root, and perhaps others before it. */
export interface Rooted {
  readonly root: Uint8Array
  /** What made the present root of those before it, oldest first; absent: there was none. */
  readonly successions?: readonly RootSuccession[]
}

/** All roots that a nation has had, base64url, the present one last. */
export const rootsIn = ({ root, successions = [] }: Rooted): readonly string[] => [
  ...successions.map(({ from }) => from),
  toBase64url(root),
]

/**
 * Opens a word of a nation's root that outlives the root: a revocation, a recall, a word on its log. What a root has taken back stays so under its
 * successor. Certificates and rosters are the present root's alone.
 * @throws {JwsError} as the present root's signature fails
 */
export function openRootWord(rooted: Rooted, jws: string, type: string, verify: Verify): unknown {
  for (const { from } of rooted.successions ?? [])
    try {
      return openJws(jws, type, fromBase64url(from) ?? new Uint8Array(), verify)
    } catch {
      // Another root's, or nobody's.
    }
  return openJws(jws, type, rooted.root, verify)
}

/** Two successors that one root has named, both cross-signed. */
export interface Fork {
  readonly nation: Nation
  readonly from: string
  readonly successors: readonly [string, string]
}

/** The first root that has named two successors, among words that were opened. Null: none has. */
export function forkIn(words: readonly RootSuccession[]): Fork | null {
  const named = new Map<string, string>()
  for (const { nation, from, to } of words) {
    const before = named.get(`${nation} ${from}`) ?? to
    if (before !== to) return { nation, from, successors: [before, to] }
    named.set(`${nation} ${from}`, to)
  }
  return null
}
