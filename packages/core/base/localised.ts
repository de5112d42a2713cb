/** A text in each language of its bundle or profile: language tag -> text. */
export type Localised = Readonly<Record<string, string>>
