/** What became of an identifier's text: its one normal form, or a code and a reason that names the text. */
export type IdentifierOutcome<Code extends string> =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: Code; readonly reason: string }

export const accepted = (value: string) => ({ ok: true, value }) as const

/** @param why goes on after the text: `has 12 digits, not 13` */
export const refused = <Code extends string>(code: Code, text: string, why: string) =>
  ({ ok: false, code, reason: `${quoted(text)} ${why}` }) as const

const longest = 80

const quoted = (text: string) =>
  JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text)
