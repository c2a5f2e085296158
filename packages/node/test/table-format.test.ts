import { describe, expect, test } from 'vitest'
import { read, refusal, sourceOf } from './table-fixture.ts'

describe('what a file is', () => {
  test.each<[fact: string, name: string, text: string | Uint8Array, format: string]>([
    ['the name ends in .csv', 'a.csv', '[1]', 'csv'],
    ['the name ends in .TSV', 'A.TSV', 'a\tb\n', 'csv'],
    ['the name ends in .txt', 'a.txt', 'a,b\n', 'csv'],
    ['the name ends in .json', 'a.json', '[]', 'json'],
    ['the name ends in .ndjson', 'a.ndjson', '{}', 'jsonl'],
    ['the name ends in .jsonl', 'a.jsonl', '{}', 'jsonl'],
    ['it begins with a bracket', 'export', ' [{}]', 'json'],
    ['each line is an object', 'export', '{"a":1}\n{"a":2}\n', 'jsonl'],
    ['the name says nothing', 'export', 'a,b\n', 'csv'],
  ])('is told when %s', async (_, name, text, format) => {
    expect((await read(sourceOf(text, name))).info.format).toBe(format)
  })

  test('is what the options say, before its name', async () => {
    expect((await read(sourceOf('a,b\n', 'a.json'), { format: 'csv' })).info.format).toBe('csv')
  })

  const ole = Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)
  const locked = Buffer.concat([ole, Buffer.alloc(500), Buffer.from('EncryptedPackage', 'utf16le')])
  test.each<
    [fact: string, name: string, bytes: string | Uint8Array, code: string, message: RegExp]
  >([
    ['an old workbook', 'a.xls', ole, 'FORMAT_UNKNOWN', /old \.xls workbook .* save it as \.xlsx/],
    [
      'a workbook with a password',
      'a.xlsx',
      locked,
      'FORMAT_UNKNOWN',
      /has a password|with a password/,
    ],
    ['gzip', 'a.csv.gz', Uint8Array.of(0x1f, 0x8b, 8), 'FORMAT_UNKNOWN', /gzip archive: unpack/],
    ['PDF', 'a.csv', '%PDF-1.7\n', 'FORMAT_UNKNOWN', /PDF document: export/],
    [
      'another binary',
      'a.csv',
      Uint8Array.of(1, 2, 0, 0, 7, 9, 9, 9, 9, 9),
      'FORMAT_UNKNOWN',
      /zero bytes/,
    ],
    ['a web page', 'a.xls', '\n<!DOCTYPE html><table>', 'FORMAT_UNKNOWN', /web page or XML/],
    ['a bare web table', 'a.csv', '<TABLE><tr>', 'FORMAT_UNKNOWN', /web page or XML/],
    ['old spreadsheet XML', 'a.xml', '<?xml version="1.0"?>', 'FORMAT_UNKNOWN', /web page or XML/],
    [
      'text under the name of a workbook',
      'a.xlsx',
      'a,b\n',
      'NOT_A_WORKBOOK',
      /save the workbook again/,
    ],
  ])('is refused when it is %s', async (_, name, bytes, code, message) => {
    expect(await refusal(sourceOf(bytes, name))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })
})
