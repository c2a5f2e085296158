import type { StatementKind } from '@entente/schema'

const digest = 'X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0'
const hash = 'X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0='
const said = { origin: 'usa.entente.example/release-log/1', at: 1_767_225_600_000 }
const inFeed = { ...said, feed: digest, seq: 1, prev: digest, recipient: 'GBR' }
const place = { feed: digest, seq: 1, statement: digest }
const publicKey = digest
const inDocument = {
  ...said,
  feed: digest,
  seq: 1,
  prev: digest,
  recipients: ['AUS', 'GBR'],
  document: digest,
}
const record = `urn:entente:${'a'.repeat(32)}`

/** One payload of each kind of statement, with every member that it may have. */
export const statementSamples: Readonly<Record<StatementKind, object>> = {
  genesis: { ...said, nation: 'USA', seal: 'jws' },
  policy: { ...said, edition: 1, digest, from: 0, until: 1, signatures: ['jws'] },
  key: { ...said, action: 'revoke', seal: 'jws' },
  releaser: { ...inFeed, dataset: 'production', from: publicKey, to: publicKey, head: place },
  partner: { ...said, action: 'revoke', partner: 'CAN', root: publicKey, reason: 'a spill' },
  release: {
    ...inFeed,
    dataset: 'production',
    effect: 'widen',
    entries: [digest],
    policy: 1,
    inputs: digest,
  },
  approve: { ...said, about: digest, seal: 'jws' },
  deny: { ...said, recipient: 'GBR', about: digest, code: 'NOT_RELEASABLE' },
  ack: { ...said, from: 0, until: 1, given: [digest], received: [] },
  recall: {
    ...inFeed,
    dataset: 'production',
    release: place,
    entries: [digest],
    purge: true,
    reason: 'a spill',
  },
  purge: { ...inFeed, recall: place, purged: 3, unproven: 1 },
  consent: { ...inFeed, action: 'give', consent: digest, release: place, request: digest },
  answer: { ...inFeed, about: digest, decision: 'approve', arrived: 1 },
  request: { ...inFeed, ask: 'release', body: digest },
  joint: {
    ...inDocument,
    document: null,
    terms: {
      kind: 'requirement',
      members: ['AUS', 'GBR', 'USA'],
      validators: ['AUS', 'GBR'],
      quorum: 2,
      label: { classification: 'RESTRICTED', releasableTo: ['AUS', 'GBR', 'USA'], caveats: [] },
      dataset: 'joint',
      nonce: 'a'.repeat(32),
    },
    actor: 'a'.repeat(32),
    actorSeq: 1,
    change: 'b'.repeat(64),
    deps: [place],
    startOp: 1,
    ops: 3,
    policy: 1,
    inputs: digest,
  },
  vote: { ...inDocument, heads: ['b'.repeat(64)], choice: 'endorse' },
  subscribe: {
    ...inFeed,
    dataset: 'production',
    action: 'subscribe',
    kind: 'capability',
    topic: 'ammunition',
    only: true,
  },
  'catalogue-request': { ...inFeed, action: 'subscribe' },
  catalogue: {
    ...inFeed,
    policy: 1,
    datasets: [
      {
        dataset: 'production',
        title: 'Production',
        description: 'Who makes what',
        steward: 'Industrial base office',
        kinds: ['capability'],
        topics: ['ammunition'],
      },
    ],
    inputs: digest,
  },
  register: { ...said, edition: 1, digest, from: 0, until: 1, signatures: ['jws'] },
  'witness-policy': { ...said, number: 1, digest },
  reset: { ...inFeed, dataset: 'production', replaces: place, reason: 'a broken chain' },
  'nation-recall': { ...said, nation: 'USA', records: [record], purge: true, reason: 'a spill' },
  erase: { ...said, leaves: [1, 2], ground: 'purge', authority: 'records office' },
  pad: said,
  handover: { ...said, next: 'usa.entente.example/release-log/2', seal: 'jws' },
}

/** Members that came to a kind after its vector was frozen: a vector of their own beside it, by `kind, what is new`. */
export const laterSamples: Readonly<Record<string, object>> = {
  'purge, of a word': { ...inFeed, recall: place, purged: 3, word: 'jws' },
  'vote, sealed': { ...inDocument, heads: ['b'.repeat(64)], choice: 'endorse', seal: 'jws' },
}

export const acknowledgementSample = {
  feed: digest,
  seq: 3,
  statement: digest,
  by: 'GBR',
  to: 'USA',
  at: 1,
  refused: [{ seq: 2, entry: digest, code: 'FRAGMENT_DIGEST' }],
  unopened: 1,
  tally: { entries: 5, accepted: 3, refused: 1, unchanged: 0, unopened: 1 },
}

const salt = 'A'.repeat(22)
const put = { op: 'put', record, digest, fields: ['title'], authority: ['AUKUS'] }
const drop = { op: 'drop', record, fields: ['title'] }
const base = { size: 1, hashes: [hash] }
const jws = 'header.payload.signature'
const hex = '0'.repeat(64)
const note = 'usa.entente.example/release-log/1\n'
const body = { head: { id: record }, disclosures: [[salt, 'title', 'Shells']] }
const tree = { size: 1, root: hash }

const nationFile = {
  nation: 'USA',
  organisation: 'an exercise office',
  root: publicKey,
  policyQuorum: 1,
  certificates: [jws],
  revocations: [jws],
}
const roster = {
  exercise: 'an exercise',
  nations: [nationFile],
  witnessPolicy: {
    number: 2,
    nations: digest,
    witnesses: [{ nation: 'USA', key: 'usa.entente.example/witness+00000000+AA' }],
    quorum: 1,
    toleranceMs: 300_000,
    freshnessMs: 10_800_000,
  },
  signatures: { USA: jws },
}
const joint = { t: 'joint', writer: 'AUS', jws, salt: hex, proof: 'proof', body: 'AAAA' }
const statementFrame = {
  t: 'statement',
  jws,
  salt: hex,
  proof: 'proof',
  base,
  openings: [],
  bodies: [],
}

/** One payload of each sentence that is signed and is no statement. */
export const sentenceSamples: Readonly<Record<string, object>> = {
  'entente-invitation': {
    from: 'USA',
    to: 'GBR',
    nonce: 'A'.repeat(22),
    at: 1,
    expires: 2,
    key: publicKey,
    nation: digest,
    roster: digest,
    again: false,
  },
  'entente-pairing-reply': {
    from: 'GBR',
    to: 'USA',
    invitation: 'A'.repeat(22),
    nonce: 'A'.repeat(22),
    at: 1,
    key: publicKey,
    nation: digest,
    signature: digest,
    number: 1,
  },
  'entente-root-succession': {
    nation: 'USA',
    from: publicKey,
    to: 'A'.repeat(43),
    at: 1,
    reason: 'ten years old',
  },
  'entente-vote-seal': {
    nation: 'USA',
    key: publicKey,
    document: digest,
    heads: ['b'.repeat(64)],
    choice: 'endorse',
    at: 1,
  },
  'entente-revocation': {
    nation: 'USA',
    origin: 'usa.entente.example/release-log/1',
    key: publicKey,
    lastGood: 7,
    at: 1,
    reason: 'laptop stolen',
  },
  'entente-root-recall': {
    nation: 'USA',
    records: [record],
    purge: true,
    reason: 'laptop stolen',
    at: 1,
  },
}

/** As `laterSamples`, of frames. */
export const laterFrames: Readonly<Record<string, object>> = {
  'handover: purge, of a word': { nation: 'GBR', recall: place, purged: 3, word: jws },
  'handover: dataset, recalls': {
    dataset: 'production',
    number: 17,
    recipients: [],
    recalls: [{ nation: 'GBR', cause: digest, back: [record], allowed: [] }],
  },
  'pairing: roster, succeeded': {
    t: 'roster',
    roster: { ...roster, nations: [{ ...nationFile, successions: [{ old: jws, new: jws }] }] },
  },
  'received, passed: item, of a policy': {
    t: 'item',
    n: 5,
    origin: 'gbr.entente.example/release-log/1',
    frame: {
      t: 'policy',
      checkpoint: note,
      policy: { jws, salt: hex, index: 1, hashes: [hash] },
    },
  },
}

/** One frame of each sort, with every member that it may have. */
export const frameSamples: Readonly<Record<string, object>> = {
  'feed, recipient: resume': {
    t: 'resume',
    checkpoint: { size: 1, root: hash },
    feeds: [{ feed: digest, seq: 1, hash: digest }],
  },
  'feed, recipient: ack': { t: 'ack', jws },
  'feed, recipient: again': { t: 'again', feed: digest, seq: 1, entry: digest },
  'feed, sender: resumed': { t: 'resumed' },
  'feed, sender: statement': {
    t: 'statement',
    jws,
    salt: hex,
    proof: 'c2sp.org/tlog-proof@v1\n',
    base,
    policy: { jws, salt: hex, index: 1, hashes: [hash] },
    openings: [[salt, put]],
    bodies: [body],
    key: 'A'.repeat(43),
  },
  'feed, sender: notice': {
    t: 'notice',
    jws,
    salt: hex,
    proof: 'c2sp.org/tlog-proof@v1\n',
    openings: [[salt, drop]],
  },
  'feed, sender: pending': { t: 'pending', statement: digest, closed: 'AAAA' },
  'feed, sender: head': { t: 'head', checkpoint: note, base },
  'feed, sender: body': { t: 'body', feed: digest, seq: 1, opening: [salt, put], body },
  'gossip, request: seen': {
    t: 'seen',
    at: 1_767_225_600_000,
    policy: 1,
    checkpoints: [note],
    forks: [{ first: note, second: note }],
  },
  'gossip, request: prove': { t: 'prove', older: tree, newer: tree },
  'gossip, answer: seen': {
    t: 'seen',
    at: 1_767_225_600_000,
    policy: 1,
    checkpoints: [note],
    forks: [],
  },
  'gossip, answer: proof': { t: 'proof', hashes: [hash] },
  'gossip, answer: none': { t: 'none', words: 'no such tree' },
  'recover, question: recover': { t: 'recover', from: 1 },
  'recover, answer: statement': { t: 'statement', index: 1, jws, salt: hex, proof: 'proof' },
  'recover, answer: policy': { t: 'policy', index: 1, jws, salt: hex },
  'recover, answer: note': { t: 'note', note },
  'recover, answer: ack': { t: 'ack', jws },
  'recover, answer: end': { t: 'end' },
  'audit, answer: header': { path: 'manifest.json', size: 1 },
  'keys: revocations': { t: 'revocations', seals: [jws] },
  'keys: revocations, with recalls': { t: 'revocations', seals: [jws], recalls: [jws] },
  'pairing: hello': { t: 'hello', number: 1, proposals: [roster], roster },
  'pairing: roster': { t: 'roster', roster },
  'joint, question: have': {
    t: 'have',
    documents: [
      {
        document: digest,
        writers: { AUS: { seq: 1, hash: digest } },
        stopped: ['AUS'],
        twice: { GBR: 2 },
      },
    ],
  },
  'joint, answer: joint': joint,
  'joint, answer: twice': { t: 'twice', first: joint, second: joint },
  'joint, answer: done': { t: 'done' },
  'joint, answer: news': { t: 'news' },
  'ledger: hello': { t: 'hello', actor: 'a'.repeat(16), token: 'b'.repeat(32) },
  'ledger: turn': { t: 'turn', token: 'b'.repeat(32) },
  'ledger: kept': { t: 'kept' },
  'ledger: refused': { t: 'refused', code: 'COPY' },
  'ledger: list': { t: 'list', shards: [['2'.repeat(27), hex]] },
  'ledger: sync': { t: 'sync', shard: '2'.repeat(27), part: 0, of: 1 },
  'received, wanted: from': {
    t: 'from',
    name: 'a'.repeat(32),
    reached: [{ origin: 'gbr.entente.example/release-log/1', n: 3 }],
    trees: [{ origin: 'gbr.entente.example/release-log/1', size: 9, root: hash }],
  },
  'received, wanted: done': {
    t: 'done',
    reached: [{ origin: 'gbr.entente.example/release-log/1', n: 4 }],
    recalls: [digest],
  },
  'received, passed: journal': { t: 'journal', name: 'a'.repeat(32) },
  'received, passed: keys': { t: 'keys', keys: { t: 'revocations', seals: [jws] } },
  'received, passed: item': {
    t: 'item',
    n: 4,
    origin: 'gbr.entente.example/release-log/1',
    frame: { t: 'head', checkpoint: note, base },
  },
  'received, passed: all': {
    t: 'all',
    n: 4,
    without: ['can.entente.example/release-log/1'],
  },
  'handover: dataset': {
    dataset: 'production',
    recipients: [
      { nation: 'GBR', asks: [{ kind: 'capability', topic: 'ammunition' }], head: place },
    ],
  },
  'handover: dataset, numbered': { dataset: 'production', number: 17, recipients: [] },
  'handover: purge': { nation: 'GBR', recall: place, purged: 3 },
  'handover: purge, unproven': { nation: 'GBR', recall: place, purged: 3, unproven: 1 },
  'courier: revocations': { t: 'revocations', seals: [jws] },
  'courier: known': { t: 'known', note, witnessed: 16 },
  'courier: cosigned': { t: 'cosigned', size: 16, answer: 'answer' },
  'courier: recipient': { t: 'recipient', which: 'feed', frame: { t: 'ack', jws } },
  'courier: seen': {
    t: 'seen',
    frame: { t: 'seen', at: 1, policy: 1, checkpoints: [note], forks: [] },
  },
  'courier: prove': { t: 'prove', older: tree, newer: tree },
  'courier: proof': {
    t: 'proof',
    of: { t: 'prove', older: tree, newer: tree },
    hashes: [hash],
  },
  'courier: cosign': { t: 'cosign', size: 16, request: 'request' },
  'courier: bases': { t: 'bases', bases: [base] },
  'courier: sender': {
    t: 'sender',
    which: 'control',
    frame: statementFrame,
    until: [null, 1],
  },
}
