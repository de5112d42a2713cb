export type DocumentLanguage = 'ru' | 'en'
