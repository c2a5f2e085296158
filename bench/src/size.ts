/** How much one run measures. */
export interface Size {
  readonly rounds: number
  readonly records: number
  /** Records of the live dataset that edits fall on. */
  readonly edited: number
  readonly edits: number
  readonly peerEdits: number
  /** Edits before the counted ones, on both sides: the first tell of compilers and caches. */
  readonly warmUp: number
  /** Records of the large ledger. */
  readonly ledgerRecords: number
  /** Starts of a node on the large ledger. */
  readonly opens: number
  /** Edits in the large ledger, each in another place. */
  readonly coldEdits: number
  /** Statements sealed one by one. */
  readonly logLone: number
  /** Batches of statements sealed together. */
  readonly logBatches: number
  readonly proofs: number
  /** Leaves of the bundle that is audited. */
  readonly auditLeaves: number
  /** Records of twenty fields that are decided for thirty partners. */
  readonly decideRecords: number
  readonly decideLabels: number
  /** Questions that Cedar is asked as well. */
  readonly cedarQuestions: number
  /** Records over which two policies are set side by side. */
  readonly compared: number
  /** Records composed again, for thirty partners. */
  readonly recomposed: number
  /** Changes of a joint document. */
  readonly jointChanges: number
  /** Records released to thirty partners, and to four. */
  readonly fanned: number
  /** Records held by partners that come back, or that are served for the first time. */
  readonly fed: number
  readonly seed: number
}

export const full: Size = {
  rounds: 3,
  records: 10_000,
  edited: 1_000,
  edits: 200,
  peerEdits: 100,
  warmUp: 15,
  ledgerRecords: 100_000,
  opens: 5,
  coldEdits: 100,
  logLone: 500,
  logBatches: 400,
  proofs: 2_000,
  auditLeaves: 100_000,
  decideRecords: 100_000,
  decideLabels: 5_000,
  cedarQuestions: 3_000,
  compared: 100_000,
  recomposed: 2_000,
  jointChanges: 1_000,
  fanned: 1_000,
  fed: 100_000,
  seed: 20_260_101,
}

/** Under a minute in all. */
export const quick: Size = {
  ...full,
  rounds: 1,
  records: 1_500,
  edited: 250,
  edits: 50,
  peerEdits: 30,
  ledgerRecords: 5_000,
  opens: 3,
  coldEdits: 15,
  logLone: 100,
  logBatches: 40,
  proofs: 500,
  auditLeaves: 10_000,
  decideRecords: 5_000,
  cedarQuestions: 500,
  compared: 200,
  recomposed: 300,
  jointChanges: 200,
  fanned: 150,
  fed: 2_000,
}
