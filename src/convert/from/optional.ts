/** A key that is left out where its value is. */
export const optional = <K extends string, A>(key: K, value: A | undefined): { readonly [Key in K]?: A } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [Key in K]: A })
