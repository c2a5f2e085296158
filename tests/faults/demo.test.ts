import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fencesOf, missingLines } from '../docs/markdown.ts'

const main = fileURLToPath(new URL('../../packages/cli/src/main.js', import.meta.url))
const base = mkdtempSync(join(tmpdir(), 'demo-plug-'))
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  rmSync(base, { recursive: true, force: true })
})

type Plug = 'all processes' | 'the demo alone'

/** Runs the demo; `cut` pulls the plug when the demo says something like this. */
async function demo(
  options: readonly string[],
  cut?: { readonly at: RegExp; readonly plug: Plug },
): Promise<Ended> {
  const child = spawn(process.execPath, [main, 'demo', '--once', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that its nodes can be killed with it.
    detached: true,
  })
  let out = ''
  let talk = ''
  let pulled = false
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    talk += chunk.toString()
    if (cut === undefined || pulled || !cut.at.test(talk)) return
    pulled = true
    process.kill(cut.plug === 'all processes' ? -(child.pid ?? 0) : (child.pid ?? 0), 'SIGKILL')
  })
  running.add(child)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  running.delete(child)
  return { out, talk, code, signal }
}
interface Ended {
  readonly out: string
  readonly talk: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

type Counts = Readonly<Record<'records' | 'fields' | 'withheld', number>>
interface Result {
  readonly ok: boolean
  readonly problems: readonly string[]
  readonly approved: number
  readonly ended: Readonly<Record<'values' | 'gone' | 'acknowledged', number>>
  readonly answers: readonly { readonly rows?: readonly object[] }[]
  readonly byHand: { readonly status: string; readonly words: string }
  readonly nations: Readonly<
    Record<
      string,
      {
        readonly records: unknown
        readonly released: Readonly<Record<string, Counts>>
        readonly received: unknown
      }
    >
  >
}

function resultOf({ out, talk, code }: Ended): Result {
  // A demo that breaks off prints its error where the result would be.
  expect(out, talk).toContain('"nations"')
  expect(code, talk).toBe(0)
  return JSON.parse(out) as Result
}

/** What must be the same however often the plug was pulled: everything but the clock and the number of leaves. */
function outcomeOf({ ok, problems, nations, answers, byHand }: Result) {
  const held = Object.fromEntries(
    Object.entries(nations).map(([nation, { records, released, received }]) => [
      nation,
      { records, released, received },
    ]),
  )
  // Record ids are random, and so is when each was proven.
  const rows = answers.map((answer) =>
    (answer.rows ?? [])
      .map((row) => JSON.stringify({ ...row, id: '', provenAtMs: 0 }).replace(/urn:\w+:\w+/g, ''))
      .sort(),
  )
  return { ok, problems, held, rows, byHand: byHand.status }
}

let whole: Result
beforeAll(async () => {
  whole = resultOf(await demo([]))
}, 600_000)

test('the demo of the README says ok, and shows what the README shows', () => {
  expect(whole).toMatchObject({ ok: true, problems: [], byHand: { status: 'sound' } })
  // By an officer of GBR, and by an agreement of CAN with the USA until it ended.
  expect([whole.approved, whole.ended.values]).toEqual([15, 40])
  expect(whole.ended.acknowledged).toBeGreaterThanOrEqual(whole.ended.gone)
  process.stdout.write(`agreement ended: gone after ${whole.ended.gone} ms\n`)
  const rows = Object.entries(whole.nations).flatMap(([from, { released }]) =>
    Object.entries(released).map(
      ([to, { records, fields, withheld }]) =>
        `${from} → ${to}  ${records}  ${fields}  ${withheld}  yes  proven, 4 of 4 cosigned`,
    ),
  )
  const shown = fencesOf('README.md').find(({ text }) => text.includes('→'))?.text ?? ''
  const table = shown.split('\n').filter((line) => /^\w+ → \w+/.test(line))
  expect(table.length).toBeGreaterThan(2)
  expect(missingLines(table.join('\n'), rows.sort().join('\n'))).toEqual([])
})

test('pulling the plug anywhere in the demo and starting again ends the same', {
  timeout: 1_800_000,
}, async () => {
  const work = ['--work', join(base, 'cut')]
  const cuts: readonly (readonly [RegExp, Plug])[] = [
    [/EXERCISE/, 'all processes'],
    [/row \d+: /, 'all processes'],
    [/plan .* puts/, 'all processes'],
    [/checked once more/, 'the demo alone'],
  ]
  for (const [at, plug] of cuts) {
    const { signal, talk } = await demo(work, { at, plug })
    // What an earlier start has done is not done again, so its words may not come up once more.
    if (signal !== 'SIGKILL') expect(talk).not.toMatch(at)
  }
  expect(outcomeOf(resultOf(await demo(work)))).toEqual(outcomeOf(whole))
})
