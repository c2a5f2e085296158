import { NodeError } from '../errors.ts'
import type { JointDocuments } from '../joint/joint.ts'
import type { ShownDocument } from '../joint/show-document.ts'
import type { CreateRequest, EditRequest } from '../joint/write-document.ts'

export type { ShownDocument } from '../joint/show-document.ts'

/** What may be asked about documents that several nations write. */
export interface JointApi {
  /**
   * Creates a document: members, kind, validators, quorum and label stand for good. What it begins with goes to every member.
   * @throws {NodeError} `JOINT_TERMS`, `JOINT_VALUE`, `JOINT_LABEL`, `JOINT_REFUSED`, `NO_POLICY`, `PARTNER_UNKNOWN`, `CLOCK_BEHIND`
   */
  readonly jointCreate: (request: CreateRequest) => Promise<ShownDocument>
  /** @throws {NodeError} `JOINT_UNKNOWN`, `JOINT_VALUE`, `JOINT_LABEL`, `JOINT_REFUSED`, `NO_POLICY`, `JOINT_WORKER`, `CLOCK_BEHIND` */
  readonly jointEdit: (
    request: { readonly document: string } & EditRequest,
  ) => Promise<ShownDocument>
  /**
   * Says this nation's word on what the document says now. @param heads those that were looked at; absent: whatever they are
   * @param seal of a release officer of this nation over just this vote, JWS of a `VoteSeal`
   * @throws {NodeError} `JOINT_UNKNOWN`, `JOINT_MEMBER`, `JOINT_STALE`, `CLOCK_BEHIND`, `VOTE_UNSEALED`, `VOTE_SEAL`, `VOTE_PERSON`,
   * `VOTE_REPLAYED`
   */
  readonly jointVote: (request: {
    readonly document: string
    readonly choice: 'endorse' | 'object' | 'withdraw'
    readonly heads?: readonly string[] | undefined
    readonly seal?: string | undefined
  }) => Promise<ShownDocument>
  /** @param document its id, or so much of the beginning that it is the only one @throws {NodeError} `JOINT_UNKNOWN`, `JOINT_WORKER` */
  readonly jointShow: (request: { readonly document: string }) => Promise<ShownDocument>
  readonly jointList: () => Promise<readonly ShownDocument[]>
}

export function createJointApi(joint: JointDocuments, mustSeal: () => void): JointApi {
  const idOf = (document: string): string => {
    const found = joint.ids().filter((id) => id.startsWith(document))
    const [only] = found
    if (found.length === 1 && only !== undefined) return only
    throw new NodeError(
      'JOINT_UNKNOWN',
      found.length === 0
        ? `there is no joint document ${document} here: \`entente joint list\` names those there are`
        : `${document} begins the id of ${found.length} joint documents: give more of it`,
    )
  }
  return {
    jointCreate: async (request) => {
      mustSeal()
      return joint.show(await joint.create(request))
    },
    jointEdit: async ({ document, ...request }) => {
      mustSeal()
      const id = idOf(document)
      await joint.edit(id, request)
      return joint.show(id)
    },
    jointVote: async ({ document, ...said }) => {
      mustSeal()
      const id = idOf(document)
      await joint.vote(id, said)
      return joint.show(id)
    },
    jointShow: async ({ document }) => joint.show(idOf(document)),
    jointList: () => joint.list(),
  }
}
