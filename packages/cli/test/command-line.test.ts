import { writeFileSync } from 'node:fs'
import { EXIT, exitOf, fingerprintWords, type Verb, verbs } from '@entente/cli'
import { describe, expect, test } from 'vitest'
import { fakeNode, makeFolder, run } from './fake.ts'

describe('help', () => {
  test.each(verbs.map((verb) => [verb.name, verb] as const))(
    '%s says what it is for, shows an example that it takes, and what comes next',
    async (name, verb) => {
      const { exit, out, err } = await run([...name.split(' '), '--help'])
      expect({ exit, err }).toEqual({ exit: 0, err: '' })
      const flat = out.replace(/\\$/gm, '').replace(/\s+/g, ' ')
      expect(flat).toContain(verb.purpose)
      expect(flat).toContain(`Example: entente ${verb.example}`)
      expect(flat).toContain(`Then: ${verb.next}`)
      expect(flat).toContain('--json')
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
      expect(await takes(verb)).toBe(true)
    },
  )

  const families = new Set(
    verbs.flatMap(({ name }) =>
      name
        .split(' ')
        .slice(0, -1)
        .map((_, i, words) => words.slice(0, i + 1).join(' ')),
    ),
  )
  test.each(['', ...families])(
    'every line of `%s --help` says what it is of, in 80 columns',
    async (family) => {
      const { out } = await run([...family.split(' ').filter(Boolean), '--help'])
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
      const [, list = ''] = out.split(family === '' ? 'Begin here:\n' : 'Commands:\n')
      expect(list).not.toBe('')
      expect(list.split('\n').filter((line) => /^ {2}\S+( \S+)?$/.test(line))).toEqual([])
    },
  )

  test('names every verb or its family, and the exit codes', async () => {
    const { out } = await run(['--help'])
    for (const { name } of verbs) expect(out).toContain(`\n  ${name.split(' ')[0]}`)
    // Who comes new finds these at the top.
    const [, begin = ''] = /Begin here:\n(.*?)\n\n/s.exec(out) ?? []
    const first = [...begin.matchAll(/^ {2}(\w+)/gm)].map(([, word]) => word)
    expect(first).toEqual(['demo', 'init', 'serve', 'status', 'partner'])
    // `help` alone stands under no heading of ours: every other word has a place.
    const [, rest = ''] = out.split('\nCommands:\n')
    expect(rest.split('\n\n')[0]).toMatch(/^ {2}help \[command\] /)
    for (const code of Object.values(EXIT)) expect(out).toContain(String(code))
  })

  test('help of a verb of two words is that of the verb, and --version is a number', async () => {
    const { out } = await run(['help', 'record', 'list'])
    expect(out).toContain('Usage: entente record list')
    expect(await run(['--version'])).toMatchObject({ exit: 0, out: '0.1.0\n' })
  })

  test.each([
    [['record', '--folder', 'x'], 'name a verb of record before --folder: add, edit'],
    [['ask', '--json'], 'name a verb of ask before --json: sources'],
    [['record', 'lst'], 'record lst is no verb; did you mean record list?'],
    [['import', 'aply', '3'], 'import aply is no verb; did you mean import apply?'],
    [['import', 'map', 'wat', '3'], 'import map wat is no verb; import map has suggest'],
    [['import', 'a.csv', 'b.csv'], 'too many arguments for import: a.csv b.csv'],
  ])('%s names the verbs that there are', async (args, says) => {
    const { exit, out, err } = await run(args)
    expect(exit).toBe(EXIT.usage)
    expect(out + err).toContain(says)
  })

  test('a family without a verb shows its verbs, as an error', async () => {
    const { exit, out, err } = await run(['record'])
    expect({ exit, out }).toEqual({ exit: EXIT.usage, out: '' })
    expect(err).toContain('withdraw')
  })
})

/** Whether the verb's own example reaches it. */
async function takes(verb: Verb): Promise<boolean> {
  let reached = false
  const deaf: Verb = {
    ...verb,
    perform: async () => {
      reached = true
      return { json: {}, text: '' }
    },
  }
  const words = verb.example.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  await run(
    words.map((word) => word.replace(/"/g, '')),
    undefined,
    [deaf],
  )
  return reached
}

describe('a wrong command line', () => {
  test.each([
    ['an unknown verb', ['serch', 'x']],
    ['an unknown option', ['status', '--wat']],
    ['an argument too many', ['status', 'now']],
    ['an argument too few', ['record', 'show']],
    ['a missing option', ['policy', 'sign', 'x.json']],
    ['a number that is none', ['record', 'list', '--limit', 'many']],
    ['a kind that is none', ['schema', 'widget']],
    ['two characters as one', ['import', 'README.md', '--delimiter', 'ab']],
    ['no character', ['import', 'README.md', '--delimiter', '']],
    ['a sheet without a name', ['import', 'README.md', '--sheet', '']],
    ['a row that is none', ['import', 'map', 'suggest', 'README.md', '--header-row', 'x']],
    ['two characters as one', ['import', 'map', 'suggest', 'README.md', '--delimiter', 'ab']],
    ['nothing to change', ['record', 'edit', 'x', '--reason', 'y']],
    ['nothing to change', ['record', 'bulk-edit', '--kind', 'gap', '--reason', 'y']],
    ['nothing to recall', ['release', 'recall', '--reason', 'y']],
    ['two things to recall', ['release', 'recall', '7', '--record', 'x', '--reason', 'y']],
    [
      'an entry of no release',
      ['release', 'recall', '--record', 'x', '--entry', 'd', '--reason', 'y'],
    ],
    ['a recall without a reason', ['release', 'recall', '--record', 'x']],
    ['a file of a release', ['release', 'recall', '7', '--out', 'x', '--reason', 'y']],
    ['a field without a value', ['record', 'add', 'gap', '--dataset', 'd', '--set', 'title']],
    ['a value that is not JSON', ['record', 'add', 'gap', '--dataset', 'd', '--set', 'rate:=x']],
    [
      'a label that is none',
      ['record', 'add', 'gap', '--dataset', 'd', '--set', 'a=b', '--label', 'a=HIGH'],
    ],
  ])('with %s ends with 2, in words on stderr or as JSON on stdout', async (_, args) => {
    const text = await run(args)
    expect(text).toMatchObject({ exit: 2, out: '' })
    expect(text.err).toMatch(/^entente: /)
    expect(text.err).not.toMatch(/[{}]|Invalid|expected/)
    const json = await run([...args, '--json'])
    expect(json).toMatchObject({ exit: 2, err: '' })
    const { error } = JSON.parse(json.out)
    expect(error).toEqual({
      code: expect.stringMatching(/^(USAGE|FIELD_FORM|LABEL_FORM)$/),
      message: expect.any(String),
    })
  })
})

test.each([
  ['USAGE', 2],
  ['AMBIGUOUS', 2],
  ['BAD_CODE_OF_TOMORROW', 1],
  ['constructor', 1],
  ['RECORD_UNKNOWN', 3],
  ['FILE_MISSING', 3],
  ['NO_POLICY', 4],
  ['POLICY_REFUSED', 4],
  ['PLAN_CHANGED', 5],
  ['WITNESS_POLICY_UNSIGNED', 5],
  ['ASKING', 6],
  ['PEER_UNREACHABLE', 6],
  ['JWS_SIGNATURE', 7],
  ['NOTE_SIGNATURE_INVALID', 7],
  ['FROZEN', 7],
  ['CONFIG_MISSING', 8],
  ['FOLDER_IN_USE', 8],
  ['KEY_EXPOSED', 8],
])('%s ends with %i', (code, exit) => {
  expect(exitOf(code)).toBe(exit)
})

test('a file that is none, or a folder, is named', async () => {
  const none = await run(['import', '/nosuch/x.csv'])
  expect(none).toMatchObject({
    exit: 3,
    err: expect.stringContaining('there is no file /nosuch/x'),
  })
  const folder = await run(['import', 'map', 'check', '/'])
  expect(folder).toMatchObject({ exit: 2, err: expect.stringContaining('/ is a folder') })
  const unwritable = await run(['schema', 'gap'], undefined, [
    {
      ...(verbs.find(({ name }) => name === 'schema') as Verb),
      perform: async () => writeFileSync('/nosuch/x', '') as never,
    },
  ])
  expect(unwritable.err).toContain('there is no file or folder /nosuch/x')
})

test('a folder without a node ends with 8 and says what to do', async () => {
  const { exit, err } = await run(['status', '--folder', '/nowhere/at/all'])
  expect(exit).toBe(8)
  expect(err).toContain('entente init')
})

test('schema prints JSON Schema 2020-12', async () => {
  const { out } = await run(['schema', 'capability'])
  expect(JSON.parse(out)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
  })
})

test('a fingerprint is six words, and every bit of a key changes it', () => {
  const root = new Uint8Array(32)
  // SHA-256 of 32 zero bytes begins 66687aadf862bd776c: words 819, 542, 1371, 1926, 350, 1501 of BIP 39, from 0.
  expect(fingerprintWords(root)).toBe('grid duck problem valid cloth roof')
  const seen = new Set([fingerprintWords(root)])
  for (let bit = 0; bit < 256; bit++) {
    const other = root.slice()
    other[bit >> 3] = 1 << (bit & 7)
    seen.add(fingerprintWords(other))
  }
  expect(seen.size).toBe(257)
})

test('a folder that is named between the words of a verb is that folder', async () => {
  const { exit, out, err } = await run(['import', '--json', '--folder', '/nowhere/at/all', 'list'])
  expect({ exit, err }).toEqual({ exit: 8, err: '' })
  expect(JSON.parse(out).error.message).toContain('/nowhere/at/all')
})

test('a command that somebody else is to run does not name our folder', async () => {
  const folder = makeFolder()
  const { out } = await run(['partner', 'invite', 'CAN', '--folder', folder], {
    ...fakeNode([]),
    partnerInvite: async () => ({ text: 'invitation', expiresMs: 0 }),
  } as never)
  expect(out).toContain('who run entente partner accept FILE')
})
