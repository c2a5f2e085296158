import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** So many stories from this seed on, told by one process. The longest first, so that two processes end at about one time. */
interface Share {
  readonly nations: number
  readonly seed: number
  readonly seeds: number
}
const eights: readonly Share[] = [1, 11, 21, 31].map((seed) => ({ nations: 8, seed, seeds: 10 }))
const shares: readonly Share[] = [
  // Ten of its nations are not honest, as many as may be: one forks its log, one is put back to an old copy.
  { nations: 32, seed: 8, seeds: 1 },
  { nations: 16, seed: 10, seeds: 2 },
  ...eights,
]
const processes = 2

const tell = async ({ nations, seed, seeds }: Share): Promise<string> => {
  const numbers = { nations, seed, seeds, jobs: 1 }
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)])
  const said = await promisify(execFile)(
    process.execPath,
    ['tests/simulation/simulate.ts', ...args],
    { maxBuffer: 2 ** 28 },
  ).catch((error: { readonly stdout: string; readonly stderr: string }) => error)
  return `${said.stderr}${said.stdout}`
}

test('40 stories of eight nations, two of 16 and one of 32, some dishonest, keep every promise', {
  timeout: 3_600_000,
}, async () => {
  const left = [...shares]
  const lines: string[] = []
  const work = async (): Promise<void> => {
    for (let share = left.shift(); share !== undefined; share = left.shift())
      lines.push(...(await tell(share)).split('\n').filter((line) => line !== ''))
  }
  await Promise.all(Array.from({ length: processes }, work))
  const kept = (line: string) => /^seed \d+ of \d+ nations: [0-9a-f]{64}/.exec(line)
  expect(
    lines
      .filter((line) => kept(line) === null)
      .slice(0, 400)
      .join('\n'),
  ).toBe('')
  const told = lines.map((line) => /^seed \d+ of \d+ nations/.exec(line)?.[0])
  const wanted = shares.flatMap(({ nations, seed, seeds }) =>
    Array.from({ length: seeds }, (_, i) => `seed ${seed + i} of ${nations} nations`),
  )
  expect(told.sort()).toEqual(wanted.sort())
  const sizes = [...new Set(shares.map(({ nations }) => nations))]
  const counts = sizes.map(
    (size) =>
      `${told.filter((each) => each?.endsWith(`of ${size} nations`)).length} of ${size} nations`,
  )
  process.stdout.write(`stories told to their end: ${counts.join(', ')}\n`)
})
