import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Io, runCli, type Verb, verbs } from '@entente/cli'
import {
  type AggregateAnswer,
  type ImportedRow,
  type ImportSummary,
  initNode,
  type NodeApi,
  type QueueItem,
  type QueueShown,
  type RecordConflicts,
  type Row,
  type SavedMapping,
  type ShownDocument,
  type Status,
} from '@entente/node'
import { type DataRecord, digestDisclosure, RecordId } from '@entente/schema'
import { afterAll } from 'vitest'

export const EXERCISE = 'EXERCISE: public facts, invented labels and policies'
export const ID = `urn:entente:${'a'.repeat(32)}`
const OTHER = `urn:entente:${'b'.repeat(32)}`

const row = (id: string, title: string, originator = 'GBR'): Row => ({
  id,
  kind: 'capability',
  originator,
  dataset: 'capabilities',
  title,
  status: 'active',
  asOf: '2026-05-01',
  reviewBy: null,
  authority: originator === 'GBR' ? 'own' : 'AUKUS',
  provenAtMs: originator === 'GBR' ? null : Date.UTC(2026, 4, 2, 10, 30),
})

export const rows = {
  sonobuoy: row(ID, 'AN/ASQ-235'),
  marker: row(OTHER, 'MK-58 marker', 'CAN'),
  marker2: row(`urn:entente:${'c'.repeat(32)}`, 'MK-58 spare', 'CAN'),
}

const record: DataRecord = {
  id: ID,
  kind: 'capability',
  originator: 'GBR',
  dataset: 'capabilities',
  envelope: {
    asOf: '2026-05-01',
    status: 'active',
    source: { document: 'test' },
    handling: { originator_control: true, onward_release: 'none' },
  },
  fields: {},
}

const status: Status = {
  pairing: ['CAN: waiting for the reply of CAN, until 2026-06-01 00:00'],
  nation: 'GBR',
  exercise: EXERCISE,
  state: 'serving',
  running: true,
  words: 'in sync with every partner but NOR',
  ok: false,
  ports: ['/ip4/127.0.0.1/tcp/4470'],
  records: 3,
  needs: {
    stale: 1,
    conflicts: 1,
    imports: 2,
    aggregates: true,
    requests: { open: 0, late: 0, awaited: 0 },
    approvals: {
      waiting: 3,
      sinceMs: Date.UTC(2026, 4, 1, 9, 30),
      overdue: 1,
      ending: 2,
      endsMs: Date.UTC(2026, 4, 9),
    },
  },
  policy: { edition: 7, digest: 'digest-of-7' },
  log: {
    origin: 'gbr.entente.example/release-log/1',
    size: 5,
    published: 4,
    root: '00ff',
    cosignatures: ['CAN'],
    missing: [
      { nation: 'NOR', lastAtMs: Date.UTC(2026, 4, 1, 9, 30) },
      { nation: 'AUS', lastAtMs: null },
    ],
    quorum: 2,
    split: 'prevented',
  },
  witness: { policy: 1, lost: null },
  datasets: [{ dataset: 'capabilities', mode: 'manual', waiting: 2 }],
  partners: [
    {
      nation: 'NOR',
      connected: false,
      paused: false,
      words: 'unreachable since 10:30Z',
      inSync: false,
      provenAtMs: null,
      inSyncAtMs: Date.UTC(2026, 4, 1, 9, 30),
      amber: true,
      retryAtMs: null,
      clockOffMs: null,
      standing: 'good',
      witnessPolicy: 1,
      courier: null,
      sent: {
        records: 1,
        fields: 2,
        withheld: 3,
        acknowledged: false,
        refused: 0,
        unproven: 0,
        tally: null,
        agreed: null,
      },
      received: { records: 0, fields: 0, quarantined: 0, tally: null, kept: {} },
    },
  ],
  todo: [
    { urgent: true, words: 'NOR was last proven in sync on 1 May', command: null },
    { urgent: false, words: '1 record is due for review', command: 'entente record list --stale' },
  ],
  firstSteps: [],
}

const candidate = (value: string, author: string) => ({
  value,
  label: { classification: 'RESTRICTED', releasableTo: [], caveats: [] } as const,
  node: 'a1',
  author,
  reason: 'report',
  atMs: Date.UTC(2026, 4, 1),
})

const conflict: RecordConflicts = {
  id: ID,
  title: 'AN/ASQ-235',
  fields: [
    {
      field: 'supplier',
      candidates: [candidate('Works', 'ann'), candidate('Werke', 'bob')],
      label: { classification: 'RESTRICTED', releasableTo: [], caveats: [] },
    },
  ],
}

export const summary: ImportSummary = {
  id: 3,
  state: 'ready',
  file: 'table.csv',
  sizeBytes: 60,
  sha256: 'a'.repeat(64),
  mapping: 'makers',
  edition: 2,
  mappingDigest: 'digest-of-makers',
  signed: false,
  info: null,
  failure: null,
  read: 2,
  created: 1,
  updated: 0,
  unchanged: 0,
  refused: 1,
  refusals: [{ code: 'BAD_VALUE', count: 1 }],
  flags: [{ code: 'PLACEHOLDER', count: 1 }],
  contradictory: 0,
  missing: 4,
  results: {},
  author: 'ann',
  reason: 'import of table.csv',
  stagedAtMs: Date.UTC(2026, 4, 1),
  appliedBy: null,
  appliedAtMs: null,
  undoneBy: null,
  undoneAtMs: null,
}

const refusedRow: ImportedRow = {
  seq: 2,
  outcome: 'refused',
  row: 3,
  record: null,
  title: 'Beacon',
  changes: [],
  refusal: { code: 'BAD_VALUE', column: 'nsn', reason: '12 is not an NSN' },
  flags: [],
}

const savedMapping: SavedMapping = {
  name: 'makers',
  edition: 2,
  kind: 'supplier',
  dataset: 'production',
  title: 'Makers',
  digest: 'digest-of-makers',
  signedBy: ['GBR policy authority'],
  author: 'ann',
  savedAtMs: Date.UTC(2026, 4, 1),
}

const value: QueueItem['disclosure'] = ['A'.repeat(22), 'rate_max', '25']
const queue: QueueShown = {
  nation: 'GBR',
  atMs: Date.UTC(2026, 4, 4),
  edition: 7,
  untilMs: Date.UTC(2028, 0, 1),
  officers: ['GBR release officer'],
  items: [
    {
      id: '3f9a1c2000000000',
      state: 'waiting',
      subject: {
        record: ID,
        field: 'rate_max',
        value: digestDisclosure(value),
        level: 'exact',
        recipient: 'NOR',
        purpose: 'use',
        policy: 'A'.repeat(43),
        label: { classification: 'RESTRICTED', releasableTo: ['NOR'], caveats: [] },
      },
      title: 'AN/ASQ-235',
      dataset: 'capabilities',
      classification: 'RESTRICTED',
      because: ['RATE-OFFICER'],
      authors: ['ann'],
      disclosure: value,
      needed: 2,
      signed: [],
      standing: true,
      sinceMs: Date.UTC(2026, 4, 1, 9, 30),
      overdue: true,
      heldUntilMs: null,
      holdReason: null,
    },
  ],
}

const cell = {
  cell: 'Munitions',
  outcome: 'publish',
  because: '4 contributors to it',
  contributors: 4,
  records: 5,
  left: 1,
  record: null,
  value: {
    measure: 'sum',
    field: 'rate_max',
    cell: 'Munitions',
    value: { from: '300', to: '1000' },
    unit: 'each per year',
    contributors: { from: '3' },
  },
  label: { classification: 'RESTRICTED', releasableTo: ['AUKUS'], caveats: [] },
} as const
const nothing = {
  outcome: 'suppress',
  because: '2 contributors, 3 are needed',
  value: null,
  label: null,
} as const
const aggregates: AggregateAnswer = {
  edition: 2,
  aggregates: [
    {
      id: 'makers-by-domain',
      title: 'Makers together',
      cells: [cell, { ...cell, ...nothing, cell: 'Optics', contributors: 2, records: 2 }],
    },
  ],
}

const consentShown = {
  digest: 'd'.repeat(43),
  consent: {
    nation: 'AUS',
    key: 'k'.repeat(43),
    holder: 'GBR',
    record: `urn:entente:${'a'.repeat(32)}`,
    head: 'h'.repeat(43),
    fields: ['title'],
    transform: null,
    derived: false,
    recipients: ['NOR'],
    purpose: 'use' as const,
    until: Date.UTC(2027, 2, 31),
  },
  officer: 'AUS release officer',
  records: [`urn:entente:${'b'.repeat(32)}`],
}

const jointShown: ShownDocument = {
  id: 'd'.repeat(43),
  creator: 'USA',
  terms: {
    kind: 'requirement',
    members: ['AUS', 'GBR', 'USA'],
    validators: ['AUS', 'GBR', 'USA'],
    quorum: 2,
    label: { classification: 'RESTRICTED', releasableTo: ['AUS', 'GBR', 'USA'], caveats: [] },
    dataset: 'joint',
    nonce: '0'.repeat(32),
  },
  heads: ['1'.repeat(64)],
  title: 'Maritime radar',
  text: 'Detects a periscope.',
  textBy: ['USA'],
  values: [
    {
      path: 'title',
      value: 'Maritime radar',
      writer: 'USA',
      atMs: Date.UTC(2026, 4, 1),
      others: [{ value: 'Radar', writer: 'AUS' }],
    },
  ],
  unread: 1,
  standing: {
    state: 'draft',
    quorum: 2,
    endorsing: ['AUS'],
    words: [
      {
        nation: 'AUS',
        choice: 'endorse',
        current: true,
        atMs: Date.UTC(2026, 4, 2),
        statement: 's'.repeat(43),
        struck: false,
        by: 'AUS release officer',
        fault: null,
      },
    ],
  },
  changes: 3,
  struck: 1,
  twice: [{ nation: 'GBR', seq: 4 }],
  stopped: [{ nation: 'GBR', seq: 4, code: 'JOINT_ACTOR', message: 'another actor' }],
}
const given = {
  digest: 'd'.repeat(43),
  consent: consentShown.consent,
  atMs: Date.UTC(2026, 4, 1),
  withdrawnMs: null,
}
const handedOn = {
  record: consentShown.consent.record,
  originator: 'AUS',
  title: 'Beacon',
  dataset: 'production',
  to: ['NOR'],
}
const asks = {
  id: 3,
  statement: 's'.repeat(43),
  side: 'theirs' as const,
  nation: 'USA',
  ask: 'change' as const,
  body: {
    ask: 'change' as const,
    salt: 'A'.repeat(22),
    by: 'J. Smith',
    reason: 'their letter',
    record: consentShown.consent.record,
    field: 'title',
    head: 'h'.repeat(43),
    base: 'b'.repeat(43),
    value: 'Lamp',
  },
  askedMs: Date.UTC(2026, 4, 1, 9, 30),
  arrivedMs: Date.UTC(2026, 4, 1, 9, 31),
  dueMs: Date.UTC(2026, 4, 1, 11),
  decided: null,
  decidedMs: null,
  decidedBy: null,
  reason: null,
  answer: null,
  answeredMs: null,
}

export type Asked = readonly [verb: string, argument: unknown]

/** A node that answers from fixed rows and remembers what it was asked. */
const invitation = '-----BEGIN ENTENTE INVITATION-----\ne30\n-----END ENTENTE INVITATION-----\n'
const offer = {
  nation: 'CAN',
  organisation: 'Test CAN',
  endpoints: ['/ip4/192.0.2.7/tcp/4470'],
  nations: ['CAN'],
  expiresMs: Date.UTC(2026, 5, 1),
  code: 'ab'.repeat(32),
  answerMs: null,
}
const standing = {
  state: 'in force',
  number: 2,
  nations: ['CAN', 'GBR'],
  unsigned: [],
  uncompared: [],
} as const
const listed = {
  nation: 'CAN',
  organisation: 'Test CAN',
  state: 'paired',
  words: 'in roster 2',
  code: offer.code,
} as const

export function fakeNode(asked: Asked[] = [], change: Partial<NodeApi> = {}): NodeApi {
  const say =
    <T>(verb: string, answer: T) =>
    async (argument?: unknown): Promise<T> => {
      asked.push([verb, argument])
      return answer
    }
  return {
    nation: 'GBR',
    approvalQueue: say('approvalQueue', queue),
    approvalTake: say('approvalTake', { words: [] }),
    approvalHold: say('approvalHold', { held: 1 }),
    bundleExport: say('bundleExport', {
      number: 3,
      bytes: 73_762,
      expiresMs: Date.UTC(2026, 4, 31),
      statements: 41,
      bodies: 40,
      notices: 1,
      acknowledged: 2,
      asks: 96,
      cosigns: 80,
    }),
    bundleImport: say('bundleImport', {
      from: 'CAN',
      number: 4,
      missing: [2, 3] as const,
      isOlder: false,
      madeAtMs: Date.UTC(2026, 4, 1),
      isExpired: false,
      statements: 41,
      acknowledged: 2,
      cosigned: 96,
      published: 96,
      publishedBefore: 80,
      logSize: 112,
      quarantined: 0,
      refused: [],
    }),
    catalogue: say('catalogue', {
      catalogues: [
        {
          nation: 'NOR',
          asked: true,
          atMs: Date.UTC(2026, 4, 1),
          datasets: [
            {
              dataset: 'production',
              title: 'Production',
              description: 'Who makes what',
              steward: 'Office',
              kinds: ['capability' as const],
              topics: ['ammunition'],
            },
          ],
        },
      ],
      asked: [{ from: 'NOR', dataset: 'production', selection: [{}] }],
    }),
    feedQuarantine: say('feedQuarantine', {
      entries: [
        {
          nation: 'NOR',
          dataset: 'production',
          feed: 'f'.repeat(43),
          seq: 4,
          entry: 'e'.repeat(43),
          record: `urn:entente:${'a'.repeat(32)}`,
          code: 'FRAGMENT_DIGEST',
          meaning: 'its body is not the one that the statement names',
        },
      ],
    }),
    datasetList: say('datasetList', {
      datasets: [
        {
          dataset: 'production',
          title: 'Production',
          mode: 'live' as const,
          records: 3,
          kinds: ['capability'],
          asked: [{ nation: 'NOR', words: 'all' }],
        },
      ],
    }),
    consentDraft: say('consentDraft', {
      nation: 'GBR',
      record: `urn:entente:${'a'.repeat(32)}`,
      holder: 'USA',
      head: 'h'.repeat(43),
      fields: ['rate_max', 'title'],
    }),
    consentCheck: say('consentCheck', consentShown),
    consentInstall: say('consentInstall', { ...consentShown, outcome: 'installed' }),
    consentList: say('consentList', {
      atMs: Date.UTC(2026, 4, 2),
      consents: [{ ...consentShown, atMs: Date.UTC(2026, 4, 1) }],
    }),
    consentSend: say('consentSend', consentShown),
    consentWithdraw: say('consentWithdraw', given),
    consentGiven: say('consentGiven', [given]),
    retransferAdd: say('retransferAdd', handedOn),
    retransferRemove: say('retransferRemove', undefined),
    retransferList: say('retransferList', [handedOn]),
    requestAsk: say('requestAsk', { ...asks, side: 'mine' as const }),
    requestList: say('requestList', {
      nation: 'GBR',
      atMs: Date.UTC(2026, 4, 1),
      requests: [{ ...asks, overdue: true }],
    }),
    requestShow: async (request) => {
      const suggestion = {
        record: consentShown.consent.record,
        field: 'title',
        present: 'Beacon',
        suggested: 'Lamp',
        base: 'changed' as const,
      }
      return say('requestShow', {
        nation: 'GBR',
        request: { ...asks, overdue: false },
        suggestion,
        grantable: null,
      })(request)
    },
    requestAnswer: say('requestAnswer', { ...asks, decided: 'approve' as const }),
    jointCreate: say('jointCreate', jointShown),
    jointEdit: say('jointEdit', jointShown),
    jointVote: say('jointVote', jointShown),
    jointShow: say('jointShow', jointShown),
    jointList: say('jointList', [jointShown]),
    exportTable: say('exportTable', {
      path: '/tables/makers.csv',
      format: 'csv',
      kind: 'capability',
      records: 3,
      own: 1,
      columns: ['entente.id', 'title'],
      sizeBytes: 200,
    }),
    logEvidence: say('logEvidence', [
      {
        nation: 'NOR',
        origin: 'nor.example/log/1',
        logKey: 'nor.example/log/1+00+key',
        size: 7,
        first: 'first note\n',
        second: 'second note\n',
        foundAtMs: Date.UTC(2026, 4, 1),
      },
    ]),
    importStage: async (request, progress) => {
      progress?.({ stage: 'read', done: 2, total: 2 })
      return say('importStage', { ...summary, file: request.file })(request)
    },
    importList: say('importList', [summary]),
    importShow: say('importShow', summary),
    importRows: say('importRows', [refusedRow]),
    importApply: say('importApply', { ...summary, state: 'applied', results: { create: 1 } }),
    importUndo: say('importUndo', { ...summary, state: 'undone', results: { removed: 1 } }),
    importDiscard: say('importDiscard', 'forgotten'),
    mappingSave: say('mappingSave', savedMapping),
    mappingList: say('mappingList', [savedMapping]),
    mappingShow: say('mappingShow', { ...savedMapping, text: 'mapping: makers\n' }),
    recordAdd: say('recordAdd', record),
    recordEdit: say('recordEdit', record),
    recordWithdraw: say('recordWithdraw', record),
    recordRestore: say('recordRestore', record),
    recordCopy: say('recordCopy', { record, left: [] }),
    recordConflicts: say('recordConflicts', [conflict]),
    recordResolve: say('recordResolve', record),
    recordShow: say('recordShow', {
      ...rows.sonobuoy,
      banner: 'RESTRICTED',
      fields: {
        title: { value: 'AN/ASQ-235', authority: 'own' },
        rate: {
          value: { min: '25', max: '1440' },
          authority: 'own',
          label: { classification: 'RESTRICTED', releasableTo: ['AUKUS'], caveats: ['ORCON'] },
        },
      },
    }),
    recordList: say('recordList', Object.values(rows)),
    recordBulkEdit: say('recordBulkEdit', {
      selected: 2,
      changed: 1,
      same: 0,
      refused: [{ id: ID, title: 'AN/ASQ-235', code: 'LABEL_WIDENS', reason: 'wider' }],
      examples: [{ id: ID, title: 'AN/ASQ-235' }],
    }),
    recordBase: say('recordBase', 'base'),
    recordHistory: say('recordHistory', [
      {
        atMs: Date.UTC(2026, 4, 1),
        author: 'ann',
        reason: 'letter',
        fields: ['rate'],
        values: { rate: '2' },
      },
    ]),
    ledgerCheck: async (request, progress) => {
      progress?.({ stage: 'check shards', done: 4, total: 4 })
      return say('ledgerCheck', { shards: 4, records: 900, found: 0, findings: [] })(request)
    },
    ledgerRebuild: say('ledgerRebuild', { shards: 4, records: 900, damaged: [] }),
    ledgerRename: say('ledgerRename', { before: '0123456789abcdef' }),
    releaserHandOver: say('releaserHandOver', { nations: ['GBR'], to: 'Forward office' }),
    ledgerCompact: say('ledgerCompact', {
      shards: 4,
      compacted: 2,
      bytesBefore: 3_200_000,
      bytesAfter: 180_000,
    }),
    rosterInstall: say('rosterInstall', { nations: ['GBR', 'NOR'], number: 2, quorum: 1 }),
    policyInstall: say('policyInstall', { edition: 7, digest: 'digest-of-7', index: 3 }),
    policyShow: say('policyShow', null),
    policyDiff: say('policyDiff', {
      nation: 'GBR',
      before: { edition: 7, digest: 'digest-of-7', supersedes: null },
      after: { edition: 8, digest: 'digest-of-8', supersedes: 'digest-of-7' },
      at: { beforeMs: Date.UTC(2026, 4, 2), afterMs: Date.UTC(2026, 4, 2) },
      held: {
        records: 3,
        questions: 12,
        gains: 2,
        losses: 0,
        changes: [
          {
            nation: 'NOR',
            kind: 'capability',
            field: 'rate_max',
            before: 'nothing',
            after: 'coarse',
            records: 2,
            examples: [ID],
          },
        ],
      },
      boundary: { questions: 40, complete: true, gains: 0, losses: 0, changes: [] },
      widens: ['2 fields of records held would say more'],
      titles: { [ID]: 'AN/ASQ-235' },
    }),
    registerInstall: say('registerInstall', { edition: 2, digest: 'digest-of-2', index: 4 }),
    registerShow: say('registerShow', null),
    preview: say('preview', {
      plan: 'plan-digest',
      policyEdition: 7,
      nations: [
        {
          nation: 'NOR',
          puts: 1,
          drops: 0,
          fields: 1,
          transformed: 1,
          withheldFields: 4,
          withheldRecords: 0,
          lines: [
            {
              record: ID,
              title: 'AN/ASQ-235',
              op: 'put',
              fields: [{ field: 'rate', level: 'coarse', rules: ['nato-rates'] }],
              withheld: 4,
            },
          ],
        },
      ],
    }),
    run: say('run', { statements: 1, leaves: [64], puts: 1, drops: 0 }),
    why: say('why', {
      fields: [
        {
          field: 'rate',
          effect: 'deny',
          level: 'none',
          gate: 'silence',
          rules: [],
          words: 'no row speaks of it',
        },
      ],
      differences: [{ words: 'GBR gets rate, NOR does not' }],
    }),
    subscribe: say('subscribe', { seq: 4 }),
    partnerInvite: say('partnerInvite', { text: invitation, expiresMs: Date.UTC(2026, 5, 1) }),
    pairingRead: say('pairingRead', { ...offer, draft: null }),
    partnerAccept: say('partnerAccept', { reply: invitation, code: offer.code }),
    pairingReplies: say('pairingReplies', { offers: [offer], draft: null }),
    partnerConfirm: say('partnerConfirm', standing),
    partnerCompared: say('partnerCompared', listed),
    rosterProposals: say('rosterProposals', []),
    rosterSigned: say('rosterSigned', standing),
    partnerList: say('partnerList', [listed]),
    partnerShow: say('partnerShow', {
      ...listed,
      root: 'A'.repeat(43),
      peerId: '12D3KooW',
      endpoints: offer.endpoints,
      keys: {
        ...{ statement: 'key-of-statements', log: 'key-of-log', witness: 'key-of-witness' },
        ...{ encryption: 'key-of-encryption', authorities: 2, officers: 1 },
      },
      connected: true,
      sent: { records: 2, fields: 5 },
      received: { records: 0, fields: 0 },
    }),
    partnerRevoke: say('partnerRevoke', undefined),
    partnerPause: say('partnerPause', undefined),
    status: say('status', status),
    search: async ({ text }) => {
      asked.push(['search', { text }])
      return Object.values(rows).filter(({ title }) =>
        title.toLowerCase().includes(text.toLowerCase()),
      )
    },
    askSources: say('askSources', {
      question: 'which allied sources of cobalt?',
      words: 'one source counts',
      rows: [
        { ...rows.marker, counted: false, marks: ['suspended'], cells: { place: 'Sudbury' } },
        { ...rows.sonobuoy, counted: true, marks: [], cells: { place: 'Leeds' } },
      ],
    }),
    askSecondSources: say('askSecondSources', { question: 'q', words: 'w', rows: [] }),
    askOneMaker: say('askOneMaker', { question: 'q', words: 'w', rows: [] }),
    askMakersAbroad: say('askMakersAbroad', { question: 'q', words: 'w', rows: [] }),
    aliasSuggest: say('aliasSuggest', {
      names: 9,
      suggestions: [
        {
          relation: 'same-party',
          names: ['RAYTHEON', 'Raytheon'],
          confidence: 97,
          reasons: [{ code: 'SAME_LETTERS', words: 'the same but for case' }],
          against: [{ code: 'OTHER_PLACE', words: 'no place in common' }],
        },
      ],
    }),
    aliasDecide: say('aliasDecide', [record]),
    aliasUndo: say('aliasUndo', [record]),
    aliasList: say('aliasList', {
      standing: [{ name: 'RAYTHEON', relation: 'same-party', other: 'Raytheon' }],
      history: [
        {
          supplier: 'Raytheon',
          field: 'aliases',
          values: ['RAYTHEON'],
          author: 'ann',
          reason: 'letterhead',
          atMs: Date.UTC(2026, 4, 1),
        },
      ],
    }),
    aggregatePreview: say('aggregatePreview', aggregates),
    aggregateRun: say('aggregateRun', { ...aggregates, withdrawn: [RecordId.parse(ID)] }),
    aggregateShow: say('aggregateShow', [
      {
        aggregate: 'makers-by-domain',
        cell: 'Munitions',
        record: RecordId.parse(ID),
        edition: 2,
        atMs: Date.UTC(2026, 4, 1),
        contributors: 4,
        value: cell.value,
        label: cell.label,
        status: 'active',
      },
    ]),
    recall: say('recall', { index: 9, recipient: 'NOR', records: 2 }),
    nationRecall: say('nationRecall', { index: 9, digest: 'x', seal: 'a.b.c', nations: ['NOR'] }),
    allowAgain: say('allowAgain', undefined),
    feedReset: say('feedReset', { index: 12 }),
    logRecover: say('logRecover', { from: 16, size: 32, unopened: [] }),
    logErase: say('logErase', { index: 11 }),
    logExport: say('logExport', { size: 300, since: 256, files: 5 }),
    logFile: say('logFile', null),
    witnessAnswer: say('witnessAnswer', '404\nunknown log\n'),
    logFsck: say('logFsck', {
      origin: 'gbr.example/release-log/1',
      leaves: 300,
      published: 299,
      found: 0,
      findings: [],
    }),
    logShow: say('logShow', {
      index: 7,
      kind: 'release',
      atMs: Date.UTC(2026, 4, 1),
      feed: 'a feed',
      seq: 3,
      hash: 'h'.repeat(43),
      entry: `01${'ab'.repeat(32)}`,
      published: true,
      jws: 'a.b.c',
      payload: { recipient: 'NOR' },
      salt: 'cd'.repeat(32),
      erased: null,
    }),
    logProve: say('logProve', {
      index: 7,
      size: 299,
      proof: 'c2sp.org/tlog-proof@v1\nindex 7\n\ngbr.example/release-log/1\n299\n',
      entry: `01${'ab'.repeat(32)}`,
    }),
    auditCollect: say('auditCollect', {
      partners: [
        { nation: 'GBR', directory: 'evidence/GBR', files: 12, bytes: 3_000 },
        { nation: 'CAN', trouble: 'not reachable' },
      ],
    }),
    revocationTake: say('revocationTake', []),
    rootRecallTake: say('rootRecallTake', []),
    logHandover: say('logHandover', { index: 5 }),
    auditExport: say('auditExport', { files: 12, leaves: 5 }),
    ...change,
  }
}

export interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

/** Runs one command line in this process, at a node that no other process runs. */
export async function run(
  args: readonly string[],
  node: NodeApi = fakeNode(),
  list: readonly Verb[] = verbs,
  askSecret: Io['askSecret'] = () => null,
  openNode: Io['openNode'] = async () => ({ ...node, [Symbol.asyncDispose]: async () => {} }),
  confirm: Io['confirm'] = async () => null,
  env: Io['env'] = {},
): Promise<Ran> {
  let out = ''
  let err = ''
  const io: Io = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    colour: false,
    bar: false,
    columns: undefined,
    env,
    homeFolder: '/nowhere',
    userName: 'ann',
    nowMs: () => 0,
    askSecret,
    openNode,
    onInterrupt: () => () => {},
    confirm,
    stopped: async () => 'SIGTERM',
  }
  const exit = await runCli(args, list, io)
  return { exit, out, err }
}

const made: string[] = []
afterAll(() => {
  for (const base of made) rmSync(base, { recursive: true })
})

/** A folder with a node in it, until the tests of the file end. */
export function makeFolder(exercise?: string): string {
  const base = mkdtempSync(join(tmpdir(), 'entente-cli-'))
  made.push(base)
  initNode({
    folder: join(base, 'node'),
    keysDir: join(base, 'keys'),
    nation: 'GBR',
    organisation: 'test',
    listen: '127.0.0.1:0',
    ...(exercise !== undefined && { exercise }),
  })
  return join(base, 'node')
}
