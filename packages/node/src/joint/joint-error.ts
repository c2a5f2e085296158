import type { VoteCode } from '@entente/schema'

/** Why a change or vote of a joint document is not taken. All of it is said of the writer, whoever handed it on. */
export type JointCode =
  | 'JOINT_UNKNOWN'
  | 'JOINT_MEMBER'
  | 'JOINT_FULL'
  | 'JOINT_TERMS'
  | 'JOINT_TWICE'
  | 'JOINT_BYTES'
  | 'JOINT_CHUNK'
  | 'JOINT_MESSAGE'
  | 'JOINT_ACTOR'
  | 'JOINT_DEPS'
  | 'JOINT_SEQ'
  | 'JOINT_START_OP'
  | 'JOINT_OPERATION'
  | 'JOINT_SIZE'
  | 'JOINT_APPLY'
  | 'JOINT_WORKER'
  | Extract<VoteCode, 'VOTE_SEAL' | 'VOTE_REPLAYED'>

export class JointError extends Error {
  override readonly name = 'JointError'
  readonly code: JointCode
  constructor(code: JointCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
