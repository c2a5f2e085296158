import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examplePath, readManifest, readPublicData } from '../src/demo/examples.ts'
import { tablesOf } from '../src/demo/import-tables.ts'

const nations = ['AUS', 'CAN', 'GBR', 'NOR', 'USA']
const full = readPublicData()
const files = Object.values(full).flatMap(({ imports }) => imports.map(({ file }) => file))

describe('the tables of the demo', () => {
  const data = mkdtempSync(join(tmpdir(), 'demo-tables-'))
  beforeAll(() => {
    for (const file of files) {
      mkdirSync(dirname(join(data, file)), { recursive: true })
      writeFileSync(join(data, file), '')
    }
  })
  afterAll(() => rmSync(data, { recursive: true, force: true }))

  test('are the examples where no real files are named', () => {
    const listed = Object.values(readManifest().imports).flat()
    const tables = tablesOf(nations, undefined)
    expect(tables.map(({ file }) => file).toSorted()).toEqual(
      listed.map(({ file }) => file).toSorted(),
    )
    expect(tables.filter(({ real }) => real)).toEqual([])
  })

  test('are the real files instead of the tables derived from them, and the examples else', () => {
    const tables = tablesOf(nations, data)
    expect(
      tables
        .filter(({ real }) => real)
        .map(({ file }) => file)
        .toSorted(),
    ).toEqual(files.toSorted())
    const ours = tables.filter(({ real }) => !real).map(({ file }) => file)
    const instead = Object.values(full).flatMap((each) => each.instead)
    const examples = Object.values(readManifest().imports).flat()
    expect([...ours, ...instead].toSorted()).toEqual(examples.map(({ file }) => file).toSorted())
    for (const { mapping } of tables) expect(existsSync(examplePath(mapping))).toBe(true)
  })

  test('name the file that is not there, before anything starts', () => {
    const path = join(data, files[0] ?? '')
    rmSync(path)
    expect(() => tablesOf(nations, data)).toThrow(
      expect.objectContaining({ code: 'FILE_MISSING', message: expect.stringContaining(path) }),
    )
  })
})
