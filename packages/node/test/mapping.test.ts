import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { columnsRead } from '../src/import/mapping/mapping.ts'
import { sealOfMapping } from '../src/import/mapping/mapping-seal.ts'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { mapping } from './import-fixture.ts'

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url))
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length

describe('a mapping', () => {
  test.each<[fact: string, from: string, to: string, at: string, message: RegExp]>([
    [
      'a field that the kind does not have',
      '  trl:',
      '  warp:',
      '  warp:',
      /fields\.warp: capability has no such field/,
    ],
    [
      'a member that the field does not have',
      'per: {',
      'pro: {',
      'pro: {',
      /rate_max has no member pro, only number, unit, per/,
    ],
    ['an unknown transform', 'as: integer', 'as: eval', 'as: eval', /fields\.trl\.as/],
    ['an unknown member', '{ column: trl,', '{ column: trl, code: 1,', 'code: 1', /fields\.trl/],
    [
      'a value that is none',
      'title: title',
      'title: { from: x }',
      'title: { from',
      /fields\.title is no value/,
    ],
    ['a label that is none', 'P: UNCLASSIFIED', 'P: PUBLIC', 'P: PUBLIC', /labels\.P: PUBLIC/],
    ['no key', 'key: [id]', 'key: []', 'key: []', /key is empty/],
    [
      'a misspelt key',
      'key: [id]',
      'key: [id]\nreviewmonths: 12',
      'reviewmonths',
      /has no member reviewmonths \(did you mean reviewMonths\?\)/,
    ],
    [
      'a misspelt member',
      'onward_release',
      'onward_relese',
      'onward_relese',
      /handling has no member onward_relese \(did you mean onward_release\?\)/,
    ],
    ['a number that is text', 'edition: 1', 'edition: one', 'edition: one', /edition is text, not/],
    ['a nation that is none', '  NOR: {', '  XXX: {', '  XXX: {', /labelsOf/],
    [
      'a member deep within that is wrong',
      'per: {',
      'per: { as: nonsense,',
      'as: nonsense',
      /rate_max\.object\.per\.as/,
    ],
    ['a key twice', 'edition: 1', 'edition: 1\nedition: 2', 'edition: 2', /unique/],
    ['no YAML', 'fields:', 'fields: [', 'fields: [', /./],
    [
      'an unknown check',
      'fields:',
      'checks: [{ maybe: 1 }]\nfields:',
      'checks',
      /checks\.0 is no check/,
    ],
    ['a way to write dates that is unknown', 'dates: M/D/YYYY', 'dates: Y-D-M', 'dates:', /dates/],
  ])('with %s is refused, naming file and line', (_, from, to, at, message) => {
    const text = mapping.replace(from, to)
    const parse = () => parseMapping(text, 'm.yaml')
    expect(parse).toThrow(expect.objectContaining({ code: 'MAPPING_INVALID' }))
    expect(parse).toThrow(message)
    const [, line] = /^m\.yaml:(\d+): /.exec(messageOf(parse)) ?? []
    expect(Math.abs(Number(line) - lineOf(text, at))).toBeLessThanOrEqual(1)
  })

  test('without several of its keys is refused with all of them at once', () => {
    const text = mapping.replace(/^(kind|handling|asOf).*\n/gm, '').replace(/^fields:[\s\S]*/m, '')
    expect(() => parseMapping(text, 'm.yaml')).toThrow(
      'm.yaml: kind, asOf, handling and fields are missing',
    )
  })

  test.each([
    ['a workbook', 'PK\u0003\u0004\u0000\ufffd'],
    ['a table', 'id,title\n1,Casing\n'],
    ['nothing', ''],
    ['a list', '[]'],
  ])('that is %s is refused as no mapping', (_, text) => {
    expect(() => parseMapping(text, 'm.yaml')).toThrow('m.yaml: this is no mapping')
  })

  test('is the same whether written as YAML or as JSON, and so is what is signed of it', () => {
    const yaml = parseMapping(mapping, 'm.yaml')
    const json = parseMapping(JSON.stringify(yaml.document), 'm.json')
    expect(json.mapping).toEqual(yaml.mapping)
    const commented = parseMapping(`# a remark\n${mapping}`, 'm.yaml')
    expect(sealOfMapping('NOR', commented)).toEqual(sealOfMapping('NOR', json))
  })

  test('names the columns it reads', () => {
    expect(columnsRead(parseMapping(mapping, 'm.yaml').mapping).toSorted()).toEqual(
      'contact cost cost_unit date id maker nation per place rate title trl'.split(' '),
    )
  })

  test('with an alias bomb in it is refused', () => {
    const bomb = Array.from(
      { length: 9 },
      (_, i) => `a${i}: &a${i} [${(i === 0 ? 'x,' : `*a${i - 1},`).repeat(9)}]`,
    )
    expect(() => parseMapping(bomb.join('\n'), 'm.yaml')).toThrow(/alias/i)
  })

  const written = ['mappings', 'public-data'].flatMap((folder) =>
    readdirSync(examples + folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [folder, name.replace('.yaml', '')]),
  )
  test.each(written)('of the examples, %s/%s, is read', (folder, name) => {
    const text = readFileSync(`${examples}${folder}/${name}.yaml`, 'utf8')
    expect(parseMapping(text, name).mapping.mapping).toBe(name)
  })
})

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
