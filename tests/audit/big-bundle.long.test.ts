import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What is promised for an auditor's machine with two cores that has nothing else to do. */
const PROMISED = { leavesPerSecond: 1_000, rssMiB: 1_000 }

// The million of case 40 takes `pnpm bench --only audit-1m`, longer than a test should; docs/audit.md has its figures.
test('case 40: with a tenth of its leaves, a bundle of 100,000 with content verifies within the stated time and memory', async () => {
  const argv = ['bench/src/main.ts', '--only', 'audit', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1e8 })
  const { figures } = JSON.parse(stdout).machine
  expect(figures['audit-100k leaves']).toBe(100_000)
  expect(figures['audit-100k RSS MiB']).toBeLessThan(PROMISED.rssMiB)
  // Time of processors, of two: others may be using them while this test runs.
  const seconds = (figures['audit-100k seconds'] * figures['audit-100k cores used']) / 2
  expect(figures['audit-100k leaves'] / seconds).toBeGreaterThan(PROMISED.leavesPerSecond)
}, 1_200_000)
