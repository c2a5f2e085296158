import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const stories = 80

test(`${stories} stories of eight nations, some dishonest, keep every promise`, {
  timeout: 1_200_000,
}, () => {
  const args = ['tests/simulation/simulate.ts', '--seeds', String(stories), '--jobs', '2']
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  expect(stderr).toBe('')
  const broken = stdout.split('\n').filter((line) => !/^(seed \d+: |$)/.test(line))
  expect(broken.slice(0, 400).join('\n')).toBe('')
  expect(status).toBe(0)
  expect(stdout.match(/^seed \d+: /gm)).toHaveLength(stories)
})
