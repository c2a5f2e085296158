/** Who catches a lie. */
export type Catcher = 'the receiver' | 'the witness' | 'the sender' | 'the node itself'

/** One lie, who catches it, and what that one says: an error code, or the status of a witness. */
export interface Lie<Stage> {
  /** Begins with `case N: ` where it is one of the numbered cases of the release log. */
  readonly lie: string
  readonly by: Catcher
  readonly code: string
  /** Tells the lie. @returns what it was caught as; null when nobody minds */
  readonly tell: (stage: Stage) => string | null | Promise<string | null>
}

/** Name of the test of a lie: by whom it is caught, and as what. */
export const nameOf = ({ lie, by, code }: Pick<Lie<never>, 'lie' | 'by' | 'code'>): string =>
  `${lie}: caught by ${by} as ${code}`
