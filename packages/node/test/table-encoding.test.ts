import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode, grid, read, refusal, sourceOf } from './table-fixture.ts'

const utf16 = (text: string, littleEndian: boolean): Uint8Array =>
  littleEndian ? Buffer.from(text, 'utf16le') : Buffer.from(text, 'utf16le').swap16()

const texts = {
  german: [
    'Müller GmbH;München;Königstraße 5',
    'Küstenwerft;Düsseldorf;Am „Hafen“ 1',
    'Häfele;Nürnberg;Größe – 3',
  ],
  french: [
    'Société Générale d’Électricité;Orléans;près',
    'Nexter Systèmes;Roanne;« à côté »',
    'Aérospatiale;Évry;forêt',
  ],
  norwegian: [
    'Våpenfabrikk;Kongsberg;i Bærum',
    'Ålesund Mek;Ålesund;på Østfold',
    'Raufoss;Østre Toten;så',
  ],
  polish: [
    'Zakłady Mechaniczne;Gliwice;dostawa się opóźni, ponieważ brakuje części',
    'Huta Stalowa Wola;Stalowa Wola;wielkość produkcji nie została potwierdzona',
    'Fabryka Broni „Łucznik”;Radom;może dostarczyć w ciągu roku',
  ],
  russian: [
    'Поставщик моторов;Омск;нужно уточнить объем производства в этом году',
    'Завод;Пермь;компания производит двигатели для самолетов',
    'Верфь;Северодвинск;не может назвать срок поставки',
  ],
  japanese: [
    '三菱重工業;東京;テスト会社のデータ',
    '川崎重工業;神戸;ソースコード表',
    '日本製鋼所;室蘭;これは表です',
  ],
  korean: [
    '한화에어로스페이스;창원;엔진',
    '현대로템;의왕;전차와 열차',
    '한국항공우주산업;사천;항공기',
  ],
  chinese: [
    '中国船舶工业集团;上海;船舶',
    '中国航空工业集团;北京;飞机',
    '稀土矿业有限公司;包头;稀土',
  ],
  taiwanese: ['中國鋼鐵;高雄;鋼鐵製造', '臺灣積體電路;新竹;半導體', '漢翔航空工業;臺中;飛機'],
}
const tableOf = (rows: readonly string[]) =>
  ['id;maker;town;note', ...rows.map((row, i) => `${i};${row}`), ''].join('\n')
const cellsOf = (rows: readonly string[]) => rows.map((row, i) => [String(i), ...row.split(';')])

describe('a text file', () => {
  test.each<[encoding: string, language: keyof typeof texts, label: string]>([
    ['windows-1252', 'german', 'windows-1252'],
    ['windows-1252', 'french', 'windows-1252'],
    ['iso-8859-1', 'norwegian', 'windows-1252'],
    ['windows-1250', 'polish', 'windows-1250'],
    ['windows-1251', 'russian', 'windows-1251'],
    ['koi8-r', 'russian', 'koi8-r'],
    ['shift_jis', 'japanese', 'shift_jis'],
    ['euc-jp', 'japanese', 'euc-jp'],
    ['euc-kr', 'korean', 'euc-kr'],
    ['gb18030', 'chinese', 'gb18030'],
    ['big5', 'taiwanese', 'big5'],
  ])('in %s (%s) is guessed, and says so', async (encoding, language, label) => {
    const bytes = encode(tableOf(texts[language]), encoding)
    const reading = await read(sourceOf(bytes))
    expect(reading.info).toMatchObject({ encoding: label, encodingGuessed: true })
    expect(grid(reading)).toEqual(cellsOf(texts[language]))
    const told = await read(sourceOf(bytes, 'table.csv', 3), { encoding })
    expect(told.info).toMatchObject({ encoding: label, encodingGuessed: false })
    expect(grid(told)).toEqual(cellsOf(texts[language]))
  })

  test.each<[fact: string, mark: string, littleEndian: boolean]>([
    ['UTF-16LE with its mark', '\ufeff', true],
    ['UTF-16BE with its mark', '\ufeff', false],
    ['UTF-16LE without a mark', '', true],
    ['UTF-16BE without a mark', '', false],
  ])('in %s is read', async (_, mark, littleEndian) => {
    for (const language of ['german', 'polish', 'japanese'] as const) {
      const reading = await read(
        sourceOf(utf16(mark + tableOf(texts[language]), littleEndian), 'table.csv', 5),
      )
      expect(reading.info).toMatchObject({
        encoding: littleEndian ? 'utf-16le' : 'utf-16be',
        encodingGuessed: mark === '',
      })
      expect(grid(reading)).toEqual(cellsOf(texts[language]))
    }
  })

  test('with the byte order mark of UTF-8 has no mark in its first name', async () => {
    const { info } = await read(sourceOf('\ufeffid,name\n1,2\n'))
    expect(info).toMatchObject({
      encoding: 'utf-8',
      encodingGuessed: false,
      columns: ['id', 'name'],
    })
  })

  test('in UTF-8 is never guessed, whatever its text', async () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .map((each) => each.replace(/\0/g, ''))
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(1, 64), async (each, size) => {
        const { info, rows } = await read(sourceOf(JSON.stringify([{ each }]), 'table.json', size))
        expect(info).toMatchObject({ encoding: 'utf-8', encodingGuessed: false })
        expect(rows[0]?.cells).toEqual({ each })
      }),
    )
  })

  test('may hold replacement characters that were there before', async () => {
    const { info, rows } = await read(sourceOf('a,b\nx\ufffd,y\n'))
    expect(info.encodingGuessed).toBe(false)
    expect(rows[0]?.cells['a']).toBe('x\ufffd')
  })

  test('of plain ASCII for its first 300,000 bytes may turn out to be windows-1252', async () => {
    const plain = `id;maker;town;note\n${'x;plain;text;y\n'.repeat(20_000)}`
    const { info, rows } = await read(
      sourceOf(
        Buffer.concat([
          Buffer.from(plain),
          encode(texts.french.map((row) => `0;${row}\n`).join(''), 'windows-1252'),
        ]),
      ),
    )
    expect(info).toMatchObject({ encoding: 'windows-1252', encodingGuessed: true })
    expect(rows.at(-1)?.cells['note']).toBe('forêt')
  })
})

describe('a text file is refused', () => {
  const utf8 = Buffer.from(tableOf(texts.german))
  const stray = Buffer.concat([utf8.subarray(0, 40), Buffer.of(0xe9), utf8.subarray(40)])

  test.each<[fact: string, bytes: Uint8Array, line: number]>([
    ['a byte that is none in UTF-8', stray, 2],
    [
      'half a character in its middle',
      Buffer.concat([
        Buffer.from('id\n1\nMü\nM\xc3'.slice(0, -1)),
        Buffer.of(0xc3),
        Buffer.from('\nx\n'),
      ]),
      4,
    ],
    ['half a character at its end', Buffer.concat([utf8, Buffer.of(0xe2, 0x82)]), 5],
    [
      'nothing but half a character beyond ASCII',
      Buffer.concat([Buffer.from('id\n'), Buffer.of(0xc3)]),
      2,
    ],
    [
      'rows in windows-1252 among rows in UTF-8',
      Buffer.concat([utf8, encode(texts.german.join('\n'), 'windows-1252')]),
      5,
    ],
    [
      'one name in UTF-8 among rows in windows-1252',
      Buffer.concat([
        encode(tableOf(texts.german).repeat(20), 'windows-1252'),
        Buffer.from('9;é;x;y\n'),
      ]),
      2,
    ],
    [
      'a surrogate written as if it were a character',
      Buffer.concat([utf8, Buffer.of(0xed, 0xa0, 0x80)]),
      5,
    ],
    ['an overlong form', Buffer.concat([utf8, Buffer.of(0xc0, 0xaf)]), 5],
  ])('that holds %s, naming line and byte', async (_, bytes, line) => {
    for (const size of [1, 7, 1 << 16]) {
      const error = await refusal(sourceOf(bytes, 'table.csv', size))
      expect(error.code).toBe('ENCODING_INVALID')
      expect(error.message).toMatch(
        new RegExp(`^table\\.csv, line ${line}: near byte \\d+ .* not utf-8 text; .*\`encoding\``),
      )
    }
  })

  test.each<[fact: string, bytes: Uint8Array, encoding: string]>([
    ['utf-8, and it is windows-1252', encode('a\né\n', 'windows-1252'), 'utf-8'],
    ['shift_jis, and it is UTF-8', Buffer.from(tableOf(texts.german)), 'shift_jis'],
    [
      'windows-1252, and it has bytes that this does not use',
      Buffer.of(0x61, 0x0a, 0x81),
      'windows-1252',
    ],
    ['iso-8859-2, and it is windows-1250', encode('a\n„ś”\n', 'windows-1250'), 'iso-8859-2'],
    ['windows-1252, and it is UTF-16', utf16('a,b\n1,2\n', true), 'windows-1252'],
    [
      'utf-16le, and it has half a pair',
      Buffer.of(0x61, 0, 0x0a, 0, 0x00, 0xd8, 0x62, 0),
      'utf-16le',
    ],
    ['utf-16le, and it has an odd byte', Buffer.of(0x61, 0, 0x0a, 0, 0x61), 'utf-16le'],
  ])('that is said to be %s', async (_, bytes, encoding) => {
    expect(await refusal(sourceOf(bytes), { encoding })).toMatchObject({
      code: 'ENCODING_INVALID',
      message: expect.stringMatching(/^table\.csv, line \d+: near byte \d+ /),
    })
  })

  test('that begins with the mark of another encoding than it is said to have', async () => {
    const source = sourceOf(utf16('\ufeffa,b\n', true))
    expect(await refusal(source, { encoding: 'utf-8' })).toMatchObject({
      code: 'ENCODING_INVALID',
      message: expect.stringContaining('byte order mark of utf-16le'),
    })
  })

  test('that is said to have an encoding that nobody knows', async () => {
    expect(await refusal(sourceOf('a\n'), { encoding: 'ebcdic' })).toMatchObject({
      code: 'ENCODING_UNKNOWN',
      message: expect.stringMatching(/^table\.csv: the encoding "ebcdic" is not known; give /),
    })
  })

  test.each<[fact: string, bytes: Uint8Array]>([
    [
      'bytes of any kind',
      Uint8Array.from({ length: 4000 }, (_, i) => (i * i * 7 + (i >> 3) * 31) % 255 || 1).map(
        (byte) => byte || 1,
      ),
    ],
    [
      'a few letters that read well in two encodings',
      encode('název;město\nŽďár;Plzeň\n', 'windows-1250'),
    ],
  ])('whose encoding cannot be told: %s', async (_, bytes) => {
    expect(await refusal(sourceOf(bytes))).toMatchObject({
      code: 'ENCODING_UNKNOWN',
      message: expect.stringMatching(
        /^table\.csv is not UTF-8, and .* name its encoding with `encoding`/,
      ),
    })
  })

  test('with a zero byte in UTF-8 text, even late', async () => {
    const source = sourceOf(`\ufeffa,b\n${'1,2\n'.repeat(40_000)}\0,3\n`)
    expect(await refusal(source)).toMatchObject({
      code: 'ENCODING_INVALID',
      message: expect.stringMatching(/^table\.csv, line 40002: /),
    })
  })
})
