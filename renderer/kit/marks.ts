/** Private-use characters around a parameter: it is set apart in the sentence without cutting the sentence in pieces. */
export const CODE_MARK = '\uE010';
const STRONG_MARK = '\uE011';
const END_MARK = '\uE01F';
export const MARKED_PIECES = /[\uE010\uE011][^\uE01F]*\uE01F/g;
const MARKS = /[\uE010\uE011\uE01F]/g;

export const markCode = (text: string): string => `${CODE_MARK}${text}${END_MARK}`;
export const markStrong = (text: string): string => `${STRONG_MARK}${text}${END_MARK}`;

/** The same words without their marks: for titles, for what is copied. */
export function plainText(text: string): string {
  return text.replace(MARKS, '');
}
