import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { fencesOf, missingLines } from './markdown.ts'

test('the demo of the README says ok, and shows what the README shows', async () => {
  const argv = ['packages/cli/src/main.js', 'demo', '--once', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1e8 })
  const result = JSON.parse(stdout) as {
    readonly ok: boolean
    readonly exercise?: string
    readonly approved: number
    readonly ended: {
      readonly values: number
      readonly gone: number
      readonly acknowledged: number
    }
    readonly nations: Readonly<
      Record<
        string,
        {
          readonly released: Readonly<
            Record<
              string,
              { readonly records: number; readonly fields: number; readonly withheld: number }
            >
          >
        }
      >
    >
  }
  expect(result.ok).toBe(true)
  // By an officer of GBR, and by an agreement of CAN with the USA until it ended.
  expect([result.approved, result.ended.values]).toEqual([15, 40])
  expect(result.ended.acknowledged).toBeGreaterThanOrEqual(result.ended.gone)
  process.stdout.write(`agreement ended: gone after ${result.ended.gone} ms\n`)
  const rows = Object.entries(result.nations).flatMap(([from, { released }]) =>
    Object.entries(released).map(
      ([to, { records, fields, withheld }]) =>
        `${from} → ${to}  ${records}  ${fields}  ${withheld}  yes  proven, 4 of 4 cosigned`,
    ),
  )
  const shown = fencesOf('README.md').find(({ text }) => text.includes('→'))?.text ?? ''
  const table = shown.split('\n').filter((line) => /^\w+ → \w+/.test(line))
  expect(table.length).toBeGreaterThan(2)
  expect(missingLines(table.join('\n'), rows.sort().join('\n'))).toEqual([])
}, 240_000)
