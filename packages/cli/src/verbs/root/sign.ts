import {
  answerRequest,
  digestOfRequest,
  type Ed25519Signer,
  formatAnswer,
  openRequest,
  parseRosterFile,
  readSigner,
  signRoster,
  unsignedBy,
  verifyEd25519,
} from '@entente/node'
import {
  type Certificate,
  keyBytes,
  openNationCertificates,
  openSuccessions,
} from '@entente/schema'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { readText, writeJsonFile, writeTextFile } from '../../files.ts'
import { fingerprintWords } from '../../fingerprint.ts'
import { sayDocument } from '../../root/say-request.ts'
import { cleanField } from '../../text.ts'
import { defineVerb, type Outcome } from '../../verb.ts'

/** Something that waits for the root: what it says, and what comes of signing it. */
interface Asked {
  readonly lines: readonly string[]
  readonly sign: (root: Ed25519Signer, out: string | undefined) => Outcome
}

export const rootSignVerb = defineVerb({
  name: 'root sign',
  arguments: '<file>',
  purpose:
    'Show in words what the root is asked to sign, and sign it once you say so: a request of a node, or a roster.',
  options: [
    { flags: '--root <file>', purpose: 'root key of the nation (PEM)' },
    { flags: '--yes', purpose: 'sign without asking' },
    { flags: '--out <file>', purpose: 'file to write (else FILE.signed; a roster: the same one)' },
  ],
  example: 'root sign gbr.csr --root /media/safe/GBR.root.pem',
  next: 'bring the answer to the node: entente root install gbr.csr.signed',
  input: z.strictObject({
    file: z.string(),
    root: z.string({ error: 'name the root key with --root' }),
    yes: z.literal(true).optional(),
    out: z.string().optional(),
  }),
  run: async ({ io, json, say }, { file, root, yes, out }) => {
    const asked = readAsked(file)
    // Before it is signed, and apart from the answer: this is for whoever decides.
    for (const line of asked.lines) say(line)
    if (yes !== true && (await io.confirm('Sign all of it?')) !== true)
      return {
        json: { signed: null, asked: asked.lines },
        text: json
          ? ''
          : 'Nothing was signed. At a terminal you are asked; else the same command with --yes signs it.',
        exit: EXIT.waiting,
      }
    return asked.sign(readSigner(root), out)
  },
})

function readAsked(file: string): Asked {
  const text = readText(file)
  const roster = rosterIn(text)
  if (roster !== null) return askedRoster(file, roster)
  const request = openRequest(text)
  const { nation, organisation, policyQuorum, documents } = request
  return {
    lines: [
      `${nation} (${cleanField(organisation)}) asks its root, ${new Date(request.at).toISOString()}, to`,
      ...documents.flatMap(sayDocument),
      `Policy authorities who must sign every policy: ${policyQuorum}`,
      `Every key that it names has signed it. Its words, as shown at the node: ${fingerprintWords(digestOfRequest(request))}`,
    ],
    sign: (root, out = `${file}.signed`) => {
      writeTextFile(out, formatAnswer(answerRequest(request, root)))
      const words = fingerprintWords(root.publicKey)
      return {
        json: { signed: out, nation, documents: documents.length, words },
        text: `${out}: signed by the root ${words}.\nNext: at the node, entente root install ${out}`,
      }
    },
  }
}

/** Where a node is reached, and as what it acts; nothing for a person. */
const sayPlace = (certificate: Certificate): string =>
  'peerId' in certificate
    ? `, peer ${cleanField(certificate.peerId)}, at ${certificate.endpoints.map(cleanField).join(' ') || 'no endpoint'}${'roles' in certificate && certificate.roles !== undefined ? `, ${certificate.roles.join(' ')}` : ''}`
    : ''

/** Null: it is something else. */
function rosterIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'witnessPolicy' in value ? value : null
  } catch {
    return null
  }
}

function askedRoster(file: string, input: unknown): Asked {
  const roster = parseRosterFile(input)
  const { number, quorum, witnesses } = roster.witnessPolicy
  return {
    lines: [
      `Roster ${number}: who is trusted, with which keys, and how many must cosign (${quorum} of ${witnesses.length} witnesses)`,
      ...roster.nations.flatMap((nation) => [
        `- ${nation.nation} (${cleanField(nation.organisation)}), root ${fingerprintWords(keyBytes(nation.root))}, ${nation.policyQuorum} must sign every policy`,
        ...openNationCertificates(nation, verifyEd25519).map(
          (certificate) =>
            `    ${certificate.serial}: ${certificate.role} ${cleanField(certificate.name)}${sayPlace(certificate)}`,
        ),
        ...openSuccessions(nation, verifyEd25519).map(
          ({ from, at, reason }) =>
            `    its root before was ${fingerprintWords(keyBytes(from))}, which named the next ${new Date(at).toISOString().slice(0, 10)}: ${cleanField(reason)}`,
        ),
        ...(nation.revocations ?? []).map((_, i) => `    revocation ${i + 1}`),
      ]),
      `Signed so far: ${Object.keys(roster.signatures).sort().join(', ') || 'by nobody'}`,
    ],
    sign: (root, out = file) => {
      const signed = signRoster(roster, root)
      writeJsonFile(out, signed)
      const unsigned = unsignedBy(signed)
      return {
        json: { signed: out, number, unsigned },
        text:
          unsigned.length === 0
            ? `${out}: signed by all. Next: entente roster install ${out}`
            : `${out}: signed. Still to sign: ${unsigned.join(', ')}`,
      }
    },
  }
}
