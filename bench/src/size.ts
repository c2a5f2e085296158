/** How much one run measures. */
export interface Size {
  readonly rounds: number
  readonly records: number
  /** Records of the live dataset that edits fall on. */
  readonly edited: number
  readonly edits: number
  readonly peerEdits: number
  readonly seed: number
}

export const full: Size = {
  rounds: 3,
  records: 10_000,
  edited: 1_000,
  edits: 200,
  peerEdits: 60,
  seed: 20_260_101,
}

/** Under a minute in all. */
export const quick: Size = {
  ...full,
  rounds: 1,
  records: 1_500,
  edited: 250,
  edits: 50,
  peerEdits: 20,
}
