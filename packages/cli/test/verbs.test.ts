import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Io, verbs } from '@entente/cli'
import { lockFolder, pathsOf, serveControl } from '@entente/node'
import { RosterError } from '@entente/schema'
import { describe, expect, test } from 'vitest'
import { type Asked, EXERCISE, fakeNode, ID, makeFolder, rows, run, summary } from './fake.ts'

const folder = makeFolder(EXERCISE)
const file = (name: string, value: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(value))
  return path
}
const made = {
  ...{ mapping: 'makers', edition: 2, kind: 'supplier', dataset: 'production', originator: 'GBR' },
  ...{ source: { document: { const: 'x' } }, key: ['name'], asOf: { const: '2026-05-01' } },
  handling: { originator_control: true, onward_release: 'ask' },
  fields: { legal_name: 'name' },
}
const mapping = file('mapping.json', made)
const table = file('table.csv', 'x')

/** Each verb that asks a node: what it asks, and what its text must show. */
const asking: [line: string, asked: Asked, shows: (string | RegExp)[]][] = [
  [
    'status',
    ['status', undefined],
    [
      'unreachable since 10:30Z',
      'missing: NOR since 2026-05-01 09:30Z, AUS (never)',
      'tcp/4470',
      'edition 7',
      '1 stale (record list --stale), 1 edited apart (record conflicts), 2 imports not applied',
      '! NOR was last proven in sync on 1 May',
      /- 1 record is due for review: entente --folder \S+ record list --stale$/m,
      /NOR +unreachable since 10:30Z +\S+ \S+ \(too long ago\)/,
    ],
  ],
  [
    'catalogue --from NOR',
    ['catalogue', { from: 'NOR' }],
    [
      /^NOR offers, said on /m,
      /production +Production: Who makes what +Office +capability +ammunition +all/,
    ],
  ],
  ['dataset list', ['datasetList', undefined], [/production +Production +live +- +3 +NOR/]],
  ['dataset show production', ['datasetList', undefined], ['each field by its class', 'NOR (all)']],
  [
    'subscribe production --from NOR --kind alert --topic disruption --only',
    [
      'subscribe',
      {
        dataset: 'production',
        from: 'NOR',
        action: 'subscribe',
        kind: 'alert',
        topic: 'disruption',
        only: true,
      },
    ],
    ['asked for alert on disruption of production of NOR, and for nothing else of it'],
  ],
  [
    'feed quarantine',
    ['feedQuarantine', {}],
    [/NOR +production +4 +FRAGMENT_DIGEST: its body is not/],
  ],
  [
    `import ${table} --mapping ${mapping} --author bob`,
    [
      'importStage',
      {
        file: table,
        path: table,
        mapping: { file: 'mapping.json', text: JSON.stringify(made), signatures: [] },
        table: {},
        strict: false,
        author: 'bob',
        reason: 'import of table.csv',
      },
    ],
    [
      'a draft: nothing is in the ledger yet',
      '2 rows: 1 created, 0 updated, 0 unchanged, 1 refused',
      'refused: 1 BAD_VALUE',
      '1 name no party or place',
      '4 records of this mapping not in the file',
      'no policy authority has signed',
      /entente --folder \S+ import diff 3 --only refused, then entente --folder \S+ import apply 3/,
    ],
  ],
  [
    `import ${table}`,
    [
      'importStage',
      {
        file: table,
        path: table,
        table: {},
        strict: false,
        author: 'ann',
        reason: 'import of table.csv',
      },
    ],
    ['1 created'],
  ],
  [
    `import ${table} --mapping makers@2 --strict --sheet Makers --header-row 2`,
    [
      'importStage',
      {
        file: table,
        path: table,
        mapping: { name: 'makers', edition: 2 },
        table: { sheet: 'Makers', headerRow: 2 },
        strict: true,
        author: 'ann',
        reason: 'import of table.csv',
      },
    ],
    ['1 created'],
  ],
  [
    `import ${table} --mapping makers --apply`,
    ['importApply', { id: 3, author: 'ann', reason: 'import of table.csv' }],
    ['applied', 'created in the ledger: 1'],
  ],
  [
    'import diff 3 --only refused --code BAD_VALUE',
    ['importRows', { id: 3, section: 'refused', code: 'BAD_VALUE', limit: 20 }],
    [/3 +Beacon +BAD_VALUE \(nsn\): 12 is not an NSN/],
  ],
  ['import apply #3', ['importApply', { id: 3, author: 'ann' }], ['applied']],
  [
    'import undo 3 --reason slip',
    ['importUndo', { id: 3, author: 'ann', reason: 'slip' }],
    ['taken out of the ledger again: 1'],
  ],
  ['import list', ['importList', undefined], [/3 +draft +table.csv +makers@2/]],
  ['import show 3', ['importShow', { id: 3 }], ['Import 3']],
  ['import summary', ['importList', undefined], ['no import is applied']],
  ['import discard 3', ['importDiscard', { id: 3, giveUpUndo: false }], ['forgotten']],
  [
    'import discard 3 --give-up-undo',
    ['importDiscard', { id: 3, giveUpUndo: true }],
    ['import 3 is forgotten'],
  ],
  [
    `import map save ${mapping}`,
    [
      'mappingSave',
      { file: 'mapping.json', text: JSON.stringify(made), signatures: [], author: 'ann' },
    ],
    ['makers@2 is saved, signed by GBR policy authority'],
  ],
  ['import map list', ['mappingList', undefined], [/makers +2 +supplier/]],
  [
    'import map show makers --edition 2',
    ['mappingShow', { name: 'makers', edition: 2 }],
    ['mapping: makers'],
  ],
  [
    'record add gap --dataset gaps --set title=Cobalt --set rate:={"min":"1"} --label rate=SECRET//NOFORN',
    [
      'recordAdd',
      {
        kind: 'gap',
        dataset: 'gaps',
        fields: { title: 'Cobalt', rate: { min: '1' } },
        labels: { rate: { classification: 'SECRET', caveats: ['NOFORN'], releasableTo: [] } },
        author: 'ann',
        reason: 'new record',
      },
    ],
    [ID],
  ],
  [
    'record withdraw asq-235 --reason closed',
    ['recordWithdraw', { id: ID, author: 'ann', reason: 'closed' }],
    [ID],
  ],
  [
    'record show asq-235',
    ['recordShow', ID],
    ['RESTRICTED//ORCON//REL TO AUKUS', 'max 1440, min 25'],
  ],
  [
    'record list --kind capability',
    ['recordList', { kind: 'capability', limit: 50 }],
    ['MK-58 marker', 'AUKUS', '2026-05-02 10:30Z'],
  ],
  [
    'record list --where trl>=6 --where materials~cobalt --stale',
    ['recordList', { where: ['trl>=6', 'materials~cobalt'], stale: true, limit: 50 }],
    ['MK-58 marker'],
  ],
  [
    'record bulk-edit --kind gap --where severity=5 --set severity:=4 --reason reviewed',
    [
      'recordBulkEdit',
      {
        select: { kind: 'gap', where: ['severity=5'] },
        set: { severity: { value: 4 } },
        unset: [],
        trial: true,
        author: 'ann',
        reason: 'reviewed',
      },
    ],
    ['2 records selected: 1 would change', 'LABEL_WIDENS', 'the same with --confirm 2'],
  ],
  [
    'record restore asq-235 --to 2 --reason slip',
    ['recordRestore', { id: ID, to: 2, author: 'ann', reason: 'slip' }],
    [`restored ${ID}: title, rate`],
  ],
  [
    'record copy asq-235 --dataset needs --reason base',
    ['recordCopy', { id: ID, dataset: 'needs', author: 'ann', reason: 'base' }],
    ['a draft'],
  ],
  [
    'record conflicts',
    ['recordConflicts', {}],
    ['1 field of own records edited apart', /1 +Works +RESTRICTED +ann/, /2 +Werke/],
  ],
  [
    'record resolve asq-235 supplier --take 2 --reason asked',
    ['recordResolve', { id: ID, field: 'supplier', take: 2, author: 'ann', reason: 'asked' }],
    ['supplier of'],
  ],
  ['record history asq-235', ['recordHistory', ID], ['ann', 'letter']],
  [
    'export /tables/makers.csv --kind capability --where trl>6 --where materials~cobalt --limit 3 --force',
    [
      'exportTable',
      {
        kind: 'capability',
        path: '/tables/makers.csv',
        where: ['trl>6', 'materials~cobalt'],
        limit: 3,
        overwrite: true,
      },
    ],
    ['/tables/makers.csv: 3 records, 2 columns, 2 of them of partners'],
  ],
  [`policy install ${mapping}`, ['policyInstall', made], ['edition 7', 'leaf 3']],
  ['log show 7', ['logShow', 7], ['Leaf 7: release', '"recipient": "NOR"']],
  [
    'log erase 4 7 --ground law --authority court',
    ['logErase', { leaves: [4, 7], ground: 'law', authority: 'court' }],
    ['erased 2 leaves; declared in leaf 11'],
  ],
  [
    'log recover --from NOR --from /backup --key /key.pem',
    ['logRecover', { from: ['NOR', '/backup'], key: '/key.pem' }],
    ['the log had 16 leaves and has 32', 'Every partner is paused'],
  ],
  [
    'feed reset NOR production --reason broken',
    ['feedReset', { nation: 'NOR', dataset: 'production', reason: 'broken' }],
    ['begins anew; logged as leaf 12'],
  ],
  [
    'release recall 7 --purge --reason mistake',
    ['recall', { index: 7, entries: [], purge: true, reason: 'mistake' }],
    ['recalled from NOR: 2 records held by release 7; logged as leaf 9'],
  ],
  [
    `release recall --record ${ID} --purge --reason stolen`,
    ['nationRecall', { records: [ID], purge: true, reason: 'stolen' }],
    [
      'recalled from everybody, by the word of GBR: 1 record; logged as leaf 9',
      'Told to NOR, the other nodes of GBR',
      'entente release allow',
    ],
  ],
  [
    `release allow ${ID} --to NOR`,
    ['allowAgain', { record: ID, nation: 'NOR' }],
    ['may go to NOR again'],
  ],
  ['log prove 7', ['logProve', 7], ['c2sp.org/tlog-proof@v1', 'index 7']],
  ['log evidence', ['logEvidence', undefined], ['has two histories of size 7', 'second note']],
  ['log fsck', ['logFsck', { limit: 100 }], ['size 300, 299 published: nothing is wrong']],
  [
    'log export /somewhere/log',
    ['logExport', { directory: '/somewhere/log' }],
    ['44 leaves of it new'],
  ],
  ['ledger check', ['ledgerCheck', { limit: 100 }], ['900 records in 4 shards: nothing is wrong']],
  ['ledger rebuild', ['ledgerRebuild', null], ['made anew from 4 shards: 900 records']],
  [
    'ledger compact --changes 5 --reason tidy',
    ['ledgerCompact', { changes: 5, author: 'ann', reason: 'tidy' }],
    ['2 of 4 shards compacted: 3200 kB before, 180 kB now'],
  ],
  [`register install ${mapping}`, ['registerInstall', made], ['edition 2', 'leaf 4']],
  ['register show', ['registerShow', undefined], ['tagged records go to nobody']],
  ['policy show', ['policyShow', undefined], ['no policy is in force']],
  [
    'release preview --to NOR --lines',
    ['preview', { recipient: 'NOR' }],
    [
      /NOR +put +AN\/ASQ-235 +rate +coarse +nato-rates/,
      '4 withheld',
      'release run --plan plan-digest',
    ],
  ],
  [
    'release run --plan plan-digest',
    ['run', { plan: 'plan-digest' }],
    ['1 put', 'leaf 64 of the log', 'release recall 64'],
  ],
  [
    'why asq-235 --for GBR --not NOR --field rate',
    ['why', { record: ID, nation: 'GBR', field: 'rate', compare: 'NOR' }],
    ['no row speaks of it', 'GBR gets rate, NOR does not'],
  ],
  [
    'subscribe capabilities --from CAN',
    ['subscribe', { dataset: 'capabilities', from: 'CAN', action: 'subscribe' }],
    ['asked for'],
  ],
  [
    'unsubscribe capabilities --from CAN',
    ['subscribe', { dataset: 'capabilities', from: 'CAN', action: 'unsubscribe' }],
    ['no longer'],
  ],
  [
    'partner invite CAN --expires 12h --answers 0.5 --qr',
    ['partnerInvite', { nation: 'CAN', forMs: 43_200_000, answerMs: 500 }],
    [
      /^-----BEGIN ENTENTE INVITATION-----\ne30\n.*\nCode 1 of 1\n([█▀▄ ]+\n){10,}/ms,
      'for CAN alone, once, until 2026-06-01',
    ],
  ],
  [
    'partner show CAN',
    ['partnerShow', { nation: 'CAN' }],
    [
      /^Nation: +CAN\nOrganisation: +Test CAN\nState: +paired: in roster 2\nSix words: +(\w+ ?){6}$/m,
      /^ {2}in words: +grid duck problem valid cloth roof\nConnected: +yes$/m,
      /^Endpoints: +.ip4.192.0.2.7.tcp.4470\nPeer: +12D3KooW$/m,
      /^Log: +key-of-log\n.*People: +2 authorities, 1 officers$/ms,
      'We share:      2 records, 5 fields',
    ],
  ],
  [
    'partner revoke CAN --reason lost --confirm CAN',
    ['partnerRevoke', { nation: 'CAN', reason: 'lost' }],
    ['CAN is cut off.'],
  ],
  ['partner pause NOR', ['partnerPause', { nation: 'NOR', paused: true }], ['paused']],
  ['partner resume NOR', ['partnerPause', { nation: 'NOR', paused: false }], ['resumed']],
  ['search mk-58 marker', ['search', { text: 'mk-58 marker' }], ['MK-58 marker']],
  [
    'ask sources cobalt',
    ['askSources', { material: 'cobalt' }],
    [/yes +AN.*no +MK-58/s, 'suspended', 'Sudbury'],
  ],
  ['ask second-sources', ['askSecondSources', undefined], ['nothing']],
  ['ask one-maker', ['askOneMaker', undefined], ['nothing']],
  ['ask makers-abroad', ['askMakersAbroad', undefined], ['nothing']],
  [
    'alias suggest raytheon --at-least 60',
    ['aliasSuggest', { text: 'raytheon', atLeast: 60, limit: 50 }],
    [
      /97 % +RAYTHEON +is the same party as +Raytheon +\+ the same but for case/,
      '- no place in common',
    ],
  ],
  [
    'alias link RAYTHEON --to Raytheon --reason letterhead',
    [
      'aliasDecide',
      {
        name: 'RAYTHEON',
        relation: 'same-party',
        other: 'Raytheon',
        author: 'ann',
        reason: 'letterhead',
      },
    ],
    ['RAYTHEON is the same party as Raytheon'],
  ],
  [
    'alias refuse Thales --other Raytheon --reason apart',
    [
      'aliasDecide',
      { name: 'Thales', relation: 'distinct', other: 'Raytheon', author: 'ann', reason: 'apart' },
    ],
    ['Thales is another party than Raytheon'],
  ],
  [
    'alias unlink RAYTHEON --from Raytheon --reason slip',
    ['aliasUndo', { name: 'RAYTHEON', other: 'Raytheon', author: 'ann', reason: 'slip' }],
    ['taken back'],
  ],
  [
    'alias list raytheon',
    ['aliasList', { text: 'raytheon' }],
    [/RAYTHEON +is the same party as +Raytheon/, 'letterhead'],
  ],
  [
    'aggregate preview makers-by-domain',
    ['aggregatePreview', { id: 'makers-by-domain' }],
    [/Munitions +publish +4 +300 to below 1000 each per year/, /Optics +nothing .*3 are needed/],
  ],
  [
    'aggregate run --reason survey',
    ['aggregateRun', { author: 'ann', reason: 'survey' }],
    [/Munitions +published/, '1 earlier record withdrawn'],
  ],
  [
    'aggregate show',
    ['aggregateShow', undefined],
    [/Munitions +300 to below 1000 each per year +4/],
  ],
  [
    'bundle export --to CAN -o /bundles/can.bundle',
    ['bundleExport', { to: 'CAN', path: '/bundles/can.bundle', overwrite: false }],
    ['bundle 3 for CAN', '41 statements; 40 bodies; 1 notice', 'asks to cosign ours up to 96'],
  ],
  [
    'bundle import /bundles/can.bundle',
    ['bundleImport', { path: '/bundles/can.bundle' }],
    [
      'bundle 4 of CAN, made 2026-05-01 00:00Z: 41 new statements; 2 feeds of ours acknowledged',
      'bundles 2 to 3 of CAN never came',
      'carry a bundle back: 41 statements to acknowledge; a cosignature; 16 leaves of ours',
      'entente bundle export --to CAN',
    ],
  ],
  [
    `consent check ${mapping}`,
    ['consentCheck', { seal: expect.any(String) }],
    ['AUS consents until 2027-03-31', 'hands on title', 'to NOR for use', '1 record of ours'],
  ],
  [
    `consent install ${mapping}`,
    ['consentInstall', { seal: expect.any(String) }],
    ['Installed: 1 record of ours is decided again'],
  ],
  ['consent list', ['consentList', undefined], ['AUS release officer', 'counts', 'unchanged']],
  ['consent list --given', ['consentGiven', undefined], ['dddddddd', 'NOR', 'sent']],
  ['consent withdraw dddd', ['consentWithdraw', { consent: 'dddd' }], ['Withdrawn: AUS consents']],
  [
    `retransfer add ${ID} --dataset production`,
    ['retransferAdd', { record: ID, dataset: 'production' }],
    ['Beacon of AUS goes by production; AUS consents to NOR'],
  ],
  ['retransfer list', ['retransferList', undefined], ['Beacon', 'NOR']],
  [
    `request change ${ID} --set title=Lamp --reason letter --by Smith`,
    [
      'requestAsk',
      { ask: 'change', record: ID, field: 'title', value: 'Lamp', by: 'Smith', reason: 'letter' },
    ],
    ['Request 3 to USA', 'The answer is due 2026-05-01 11:00Z, whatever it is'],
  ],
  ['request list --theirs', ['requestList', undefined], ['USA of us', 'overdue since', 'J. Smith']],
  [
    'request show 3',
    ['requestShow', { id: 3 }],
    ['- title: Beacon', '+ title: Lamp', 'CONFLICT: another value stood'],
  ],
  [
    `audit export ${folder}-bundle`,
    ['auditExport', { directory: `${folder}-bundle`, withContent: false }],
    ['12 files'],
  ],
]

describe('at a node', () => {
  test.each(asking)('%s', async (line, wanted, shows) => {
    const asked: Asked[] = []
    const words = [...line.split(' '), '--folder', folder]
    const text = await run(words, fakeNode(asked))
    expect(text).toMatchObject({ exit: 0 })
    expect(asked.at(-1)).toEqual(wanted)
    for (const shown of shows) expect(text.out).toMatch(shown)
    expect(text.out.split('\n')[0]).toBe(EXERCISE)

    const json = await run([...words, '--json'])
    expect(json).toMatchObject({ exit: 0, err: '' })
    expect(JSON.parse(json.out)).toMatchObject({ exercise: EXERCISE })
  })

  test.each([[[]], [['--confirm', 'NOR']]])(
    'no nation is cut off by partner revoke CAN %j',
    async (more) => {
      const asked: Asked[] = []
      const line = ['partner', 'revoke', 'CAN', ...more, '--folder', folder]
      const { exit, out } = await run(line, fakeNode(asked))
      expect(exit).toBe(5)
      expect(out).toContain('CAN (paired) holds 2 records of ours, and we 0 of theirs.')
      expect(out).toContain('the same with --confirm CAN')
      expect(asked).toEqual([['partnerShow', { nation: 'CAN' }]])
    },
  )

  test('ledger check and rebuild that find damage say where, and end with exit code 7', async () => {
    const damaged = fakeNode([], {
      ledgerCheck: async () => ({
        shards: 1,
        records: 2,
        found: 3,
        findings: [{ code: 'RECORD_LOST', record: ID, message: 'its shard does not hold it' }],
      }),
      ledgerRebuild: async () => ({ shards: 0, records: 2, damaged: ['shard-1'] }),
    })
    const checked = await run(['ledger', 'check', '--folder', folder], damaged)
    expect(checked).toMatchObject({ exit: 7 })
    expect(checked.out).toMatch(/3 findings.*RECORD_LOST.*2 more/s)
    const rebuilt = await run(['ledger', 'rebuild', '--folder', folder], damaged)
    expect(rebuilt).toMatchObject({ exit: 7 })
    expect(rebuilt.out).toContain('shard-1 cannot be read')
  })

  test('a draft of refused rows alone is not to be applied, and says each refusal once', async () => {
    const bare = { ...summary, created: 0, refused: 2 }
    const node = fakeNode([], {
      importStage: async () => bare,
      importShow: async () => bare,
    })
    const staged = await run(['import', table, '--folder', folder], node)
    expect(staged.out).toMatch(/Nothing to apply. Next: .*import diff 3 --only refused, mend/)
    expect(staged.out).not.toContain('import apply')
    const diff = await run(['import', 'diff', '3', '--folder', folder], node)
    // The fake gives the same row in every section; what is missing is counted apart.
    expect(diff.out.match(/12 is not an NSN/g)).toHaveLength(2)
    expect(diff.out).toContain('1 row shown above')
  })

  test('signatures that do not count are named when a mapping is saved', async () => {
    const signed = file('signed.json', made)
    const seal = { mapping: 'makers', edition: 2, digest: 'x', signatures: ['a.b.c', 'd.e.f'] }
    file('signed.json.signatures.json', seal)
    const { out } = await run(['import', 'map', 'save', signed, '--folder', folder])
    expect(out).toContain('1 signature beside it does not count')
  })

  test('a name behind REL TO that stands for nobody is named when a mapping is checked and saved', async () => {
    const labels = { P: 'UNCLASSIFIED//REL TO GBR,NATO,NRO', G: 'UNCLASSIFIED//REL TO PARTNRES' }
    const path = file('names.json', { ...made, labels })
    const policyShow = async () => JSON.parse(readFileSync('examples/policies/GBR.json', 'utf8'))
    const signed = async () => ({ policy: await policyShow(), signatures: ['a.b.c'] })
    const node = fakeNode([], { policyShow: signed })
    for (const [verb, code] of [
      ['check', 2],
      ['save', 0],
    ] as const) {
      const { exit, out } = await run(['import', 'map', verb, path, '--folder', folder], node)
      expect(exit).toBe(code)
      expect(out).toContain('REL TO NRO names nobody: it is no nation')
      expect(out).toContain('REL TO PARTNRES names nobody: it is no group of the policy in force')
      expect(out).not.toContain('REL TO NATO')
    }
    const alone = await run(['import', 'map', 'check', path, '--folder', '/nowhere'])
    expect(alone.out).toContain('REL TO NRO')
    expect(alone.out).not.toContain('PARTNRES names')
  })

  test.each([
    ['castings-2026-05.csv', 'castings'],
    ['Makers May 2026.csv', 'makers'],
    ['2026-05-31_items.csv', 'items'],
    ['march.csv', 'table'],
    ['marching-bands.csv', 'marching-bands'],
  ])('a mapping for %s is named %s, so that the next month has it too', async (name, called) => {
    const path = join(folder, name)
    writeFileSync(path, 'Part,Maker,Town\nP1,Works,Leeds\nP2,Yard,York\n')
    const { out } = await run(['import', 'map', 'suggest', path, '--folder', folder])
    expect(out).toContain(`\nmapping: ${called}\n`)
  })

  test('a file of which no column can be told gets no proposal that looks like one', async () => {
    const path = join(folder, 'line.csv')
    writeFileSync(path, 'Part,Maker\n')
    const { exit, err } = await run(['import', 'map', 'suggest', path, '--folder', folder])
    expect(exit).toBe(2)
    expect(err).toContain('no column could be told')
  })

  test('a number typed as text is refused with how it is typed', async () => {
    const node = fakeNode([], {
      recordEdit: () => Promise.reject(new Error('trl: is text, not a number')),
    })
    const line = ['record', 'edit', 'asq-235', '--set', 'trl=7', '--reason', 'x']
    const { exit, err } = await run([...line, '--folder', folder], node)
    expect({ exit, err }).toEqual({
      exit: 2,
      err: 'entente: trl is not a number: write trl:=7 (FIELD_FORM)\n',
    })
  })

  test('what is done already is not said to be done', async () => {
    const asked: Asked[] = []
    const shown = await fakeNode().recordShow(ID)
    const withdrawn = async () => ({ ...shown, status: 'withdrawn' })
    const again = ['record', 'withdraw', 'asq-235', '--reason', 'x', '--folder', folder]
    const { out } = await run(again, fakeNode(asked, { recordShow: withdrawn }))
    expect(out).toContain('was withdrawn already')
    const restore = ['record', 'restore', 'asq-235', '--reason', 'x', '--folder', folder]
    const { exit, err } = await run(restore, fakeNode(asked))
    expect(exit).toBe(2)
    expect(err).toContain('is not withdrawn; name a change')
    expect(asked.map(([verb]) => verb)).not.toContain('recordWithdraw')
    expect(asked.map(([verb]) => verb)).not.toContain('recordRestore')
  })

  test('record edit changes value and label of a field apart or together', async () => {
    const asked: Asked[] = []
    const line = [
      'record',
      'edit',
      'asq-235',
      '--set',
      'rate=2',
      '--label',
      'rate=RESTRICTED//REL TO AUKUS',
      '--label',
      'place=SECRET',
      '--unset',
      'old',
      '--reason',
      'letter',
    ]
    await run([...line, '--folder', folder], fakeNode(asked))
    const label = { classification: 'RESTRICTED', caveats: [], releasableTo: ['AUKUS'] }
    expect(asked.at(-1)).toEqual([
      'recordEdit',
      {
        id: ID,
        set: {
          rate: { value: '2', label },
          place: { label: { ...label, classification: 'SECRET', releasableTo: [] } },
        },
        unset: ['old'],
        author: 'ann',
        reason: 'letter',
      },
    ])
  })

  test('status --check ends with 6 unless all is well', async () => {
    expect((await run(['status', '--check', '--folder', folder])).exit).toBe(6)
    expect((await run(['status', '--folder', folder])).exit).toBe(0)
  })

  test('commands of the page name the folder that was named, and those of the JSON none', async () => {
    const status = {
      ...(await fakeNode().status()),
      firstSteps: [
        { done: false, words: 'ask (it runs entente subscribe)', command: 'entente serve' },
      ],
    }
    const node = fakeNode([], { status: async () => status })
    const at = async (...args: string[]) => (await run(['status', ...args], node)).out
    const named = await at('--folder', folder)
    expect(named).toContain(`: entente --folder ${folder} record list --stale\n`)
    expect(named).toContain(
      `(it runs entente subscribe): entente --folder ${folder} serve   <- next\n`,
    )
    expect(JSON.parse(await at('--folder', folder, '--json'))).toMatchObject({
      todo: [{}, { command: 'entente record list --stale' }],
      firstSteps: [{ command: 'entente serve' }],
    })
  })

  test('an import of which no row is taken is not done', async () => {
    const node = fakeNode([], {
      importStage: async () => ({ ...summary, read: 1, created: 0, refused: 1 }),
    })
    expect(
      (await run(['import', table, '--mapping', mapping, '--folder', folder], node)).exit,
    ).toBe(2)
  })

  test('a node that is no exercise says nothing of one', async () => {
    const plain = await run(['search', 'asq', '--json', '--folder', makeFolder()])
    expect(JSON.parse(plain.out)).toEqual({ rows: [rows.sonobuoy] })
  })
})

describe('a record', () => {
  const show = (name: string, node = fakeNode()) =>
    run(['record', 'show', name, '--json', '--folder', folder], node)

  test('is named by id without a search', async () => {
    const asked: Asked[] = []
    await show(rows.marker.id, fakeNode(asked))
    expect(asked).toEqual([['recordShow', rows.marker.id]])
  })

  test('is named by its whole title although others contain it', async () => {
    const asked: Asked[] = []
    const longer = { ...rows.sonobuoy, id: rows.marker2.id, title: 'AN/ASQ-235 kit' }
    const node = fakeNode(asked, { search: async () => [longer, rows.sonobuoy] })
    await show('an/asq-235', node)
    expect(asked).toEqual([['recordShow', ID]])
  })

  test('that two names fit is refused with both', async () => {
    const { exit, out } = await show('MK-58')
    expect(exit).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'AMBIGUOUS', candidates: [{ id: rows.marker.id }, { id: rows.marker2.id }] },
    })
  })

  test('that nothing finds is not found', async () => {
    const { exit, out } = await show('nothing such')
    expect(exit).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'RECORD_UNKNOWN' } })
  })

  test('of another nation cannot be meant by an edit', async () => {
    const line = [
      'record',
      'edit',
      'MK-58',
      '--set',
      'title=x',
      '--reason',
      'y',
      '--folder',
      folder,
    ]
    expect(await run(line)).toMatchObject({ exit: 3, out: '' })
  })
})

test('the running node answers through its socket, and a text answer cannot steer the terminal', async () => {
  using _lock = lockFolder(folder)
  const hostile = { ...rows.marker, title: 'MK\u001b[2J\u202e-58\nforged line' }
  const asked: Asked[] = []
  const running = fakeNode(asked, {
    search: async ({ text }) => {
      asked.push(['search', { text }])
      return [hostile]
    },
    run: async () => {
      throw Object.assign(new Error('the plan\u001b[1A changed'), { code: 'PLAN_CHANGED' })
    },
  })
  await using _socket = await serveControl(running, pathsOf(folder).socket)
  const notThis = fakeNode([], { search: () => Promise.reject(new Error('opened a second node')) })
  const { out, exit } = await run(['search', 'mk', '--folder', folder], notThis)
  expect(exit).toBe(0)
  expect(asked).toEqual([['search', { text: 'mk' }]])
  expect(out).toContain('MK\ufffd[2J\ufffd-58\ufffdforged line')

  const refused = await run(['release', 'run', '--plan', 'old', '--folder', folder], notThis)
  expect(refused).toEqual({
    exit: 5,
    out: '',
    err: 'entente: the plan\ufffd[1A changed (PLAN_CHANGED)\n',
  })
})

test('serve goes on with the roster before when the node does not open with the new one', async () => {
  const { roster } = pathsOf(folder)
  writeFileSync(roster, '{"never": "opened"}')
  writeFileSync(`${roster}.before`, 'null')
  let opened = 0
  const node = fakeNode()
  const failing: Io['openNode'] = async () => {
    if (opened++ === 0) throw new RosterError('ROSTER_KEYS', 'the log key of USA is none')
    return { ...node, [Symbol.asyncDispose]: async () => {} }
  }
  const { exit, err } = await run(['serve', '--folder', folder], node, verbs, () => null, failing)
  expect(err).toContain('the one before is in force again: the log key of USA is none')
  expect([exit, opened, existsSync(roster)]).toEqual([0, 2, false])
  rmSync(`${roster}.refused`)

  // There is none to go back to: it says so and ends, and changes nothing.
  opened = 0
  expect(
    (await run(['serve', '--folder', folder], node, verbs, () => null, failing)).exit,
  ).not.toBe(0)
})
