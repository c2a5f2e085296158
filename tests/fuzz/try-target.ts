import { createRandom } from '../simulation/random.ts'
import { mutate } from './mutate.ts'
import { isCoded, type Target } from './target.ts'

/** An input may take so much of a processor, ms: far more than any needs. */
const withinMs = 4_000

/** A promise that one input has broken. */
export interface Broken {
  readonly target: string
  readonly why: string
  readonly input: Uint8Array
}

/** Reads one input. @returns what it broke; null: it was read, or refused as promised */
export function tryInput(target: Target, input: Uint8Array): Broken | null {
  const broken = (why: string) => ({ target: target.name, why, input })
  const from = process.cpuUsage()
  try {
    target.read(input)
  } catch (error) {
    if (!target.refuses(error))
      return broken(
        `ends in ${error instanceof Error ? `${error.name}${isCoded(error) ? ` ${(error as { code?: string }).code}` : ''}: ${error.message.slice(0, 200)}\n${error.stack?.split('\n').slice(1, 6).join('\n')}` : String(error)}`,
      )
  }
  const { user, system } = process.cpuUsage(from)
  const tookMs = (user + system) / 1000
  return tookMs > withinMs ? broken(`takes ${Math.round(tookMs)} ms of a processor`) : null
}

/** The case of this number: a valid input that was changed. The same for ever. */
export function caseOf(target: Target, seed: number, number: number): Uint8Array {
  const random = createRandom(`${target.name}/${seed}/${number}`)
  return mutate(random, target.valid(random), target.valid(random))
}

/** The valid input itself is read, or the target tests nothing. */
export function tryValid(target: Target): Broken | null {
  const input = target.valid(createRandom(`${target.name}/valid`))
  try {
    target.read(input)
    return null
  } catch (error) {
    return { target: target.name, why: `its valid input is refused: ${String(error)}`, input }
  }
}

/**
 * Of something signed: every truncation, and at every byte these other values, are refused, or say the same where the
 * text may be spelled otherwise.
 * @param others how many of the 255 other values of a byte are tried
 * @param every so many bytes are one step: 1 leaves none out
 */
export function trySigned(target: Target, others: number, every = 1): Broken | null {
  const input = target.valid(createRandom(`${target.name}/valid`))
  const said = JSON.stringify(target.read(input))
  const passes = (changed: Uint8Array): boolean => {
    try {
      const now = JSON.stringify(target.read(changed))
      return target.signed === 'exact' || now !== said
    } catch (error) {
      return !target.refuses(error)
    }
  }
  const broken = (why: string, changed: Uint8Array) => ({
    target: target.name,
    why,
    input: changed,
  })
  for (let end = 0; end < input.length; end += every)
    if (passes(input.subarray(0, end)))
      return broken(
        `is not refused when cut off at ${end}`,
        Uint8Array.from(input.subarray(0, end)),
      )
  const random = createRandom(`${target.name}/bytes`)
  for (let at = 0; at < input.length; at += every) {
    const values =
      others >= 255
        ? Array.from({ length: 255 }, (_, i) => i + 1)
        : Array.from({ length: others }, () => random.between(1, 255))
    for (const value of values) {
      const changed = Uint8Array.from(input)
      changed[at] = (changed[at] ?? 0) ^ value
      if (passes(changed)) return broken(`is not refused with another byte at ${at}`, changed)
    }
  }
  return null
}
