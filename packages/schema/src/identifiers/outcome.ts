/** What became of an identifier's text: its one normal form, or a code and a reason that names the text. */
export type IdentifierOutcome<Code extends string> =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: Code; readonly reason: string }

export const accepted = (value: string) => ({ ok: true, value }) as const

export const refused = <Code extends string>(code: Code, reason: string) =>
  ({ ok: false, code, reason }) as const
