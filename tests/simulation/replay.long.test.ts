import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'entente-traces-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const simulate = async (...args: readonly string[]): Promise<string> => {
  const script = 'tests/simulation/simulate.ts'
  return (await promisify(execFile)(process.execPath, [script, ...args])).stdout
}

test('a seed is one story: the same events and the same bytes of every log, in another process', {
  timeout: 240_000,
}, async () => {
  const traces = ['one', 'other'].map((name) => join(folder, name))
  const said = await Promise.all(
    traces.map((trace) => simulate('--seed', '1', '--seeds', '2', '--jobs', '1', '--trace', trace)),
  )
  expect(said[1]).toBe(said[0])
  const [one, other] = traces.map((trace) => readFileSync(trace, 'utf8'))
  for (const part of ['is open', 'step publish:stored', 'step admit:body', 'log '])
    expect(one).toContain(part)
  expect(other).toBe(one)
})

test('the checks see it when more than f witnesses lie for a log that is forked', {
  timeout: 240_000,
}, async () => {
  // Not every story shows the two histories to sound nations; this one does.
  const { stdout } = await simulate('--seed', '17', '--liars', '5').then(
    () => ({ stdout: 'no promise was broken' }),
    (error: { stdout: string }) => error,
  )
  expect(stdout).toMatch(
    /seed (\d+) of 8 nations BREAKS A PROMISE. Again: pnpm simulate --seed \1 --liars 5 --nations 8/,
  )
  expect(stdout).toMatch(/two histories of \w{3} have been admitted by sound nations/)
})
