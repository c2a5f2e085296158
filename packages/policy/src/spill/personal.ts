/** Forms in which people can be recognised. */
export const personalForms: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'e-mail address',
    pattern: /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu,
  },
  {
    what: 'telephone number',
    pattern:
      /(?<![\p{L}\p{N}])(?:\+\d{1,3}[\d ().-]{7,18}\d|\(\d{3}\) ?\d{3}-\d{4})(?![\p{L}\p{N}])/gu,
  },
  {
    what: 'social security number',
    pattern: /(?<![\p{L}\p{N}-])\d{3}-\d{2}-\d{4}(?![\p{L}\p{N}-])/gu,
  },
  {
    what: 'date of birth',
    pattern:
      /\b(?:date of birth|d\.?o\.?b\.?|born(?: on)?)[ :]{1,3}\d{1,4}[./ -]\d{1,2}[./ -]\d{1,4}/giu,
  },
]
