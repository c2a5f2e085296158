import type { NoticeFrame, StatementFrame } from '../feed/frames.ts'

/** Something that was admitted, as another node of our nation can admit it from us. */
export type Taken =
  /** A checkpoint, with the proof that it goes on from the one before; or the same one with younger cosignatures. */
  | {
      readonly kind: 'checkpoint'
      readonly note: string
      readonly base: StatementFrame['base']
      readonly isNew: boolean
    }
  /** A statement that has been dealt with. @param policy its policy, where that came with it */
  | {
      readonly kind: 'statement'
      readonly feed: string
      readonly seq: number
      readonly policy: StatementFrame['policy']
    }
  /** A body that had been refused when its statement was dealt with. */
  | {
      readonly kind: 'body'
      readonly feed: string
      readonly seq: number
      readonly entry: string
    }
  /** What takes back before its turn. */
  | {
      readonly kind: 'notice'
      readonly feed: string
      readonly seq: number
      readonly frame: Omit<NoticeFrame, 't'>
    }

/** Called inside the transaction that admits it. */
export type OnTaken = (origin: string, taken: Taken) => void
