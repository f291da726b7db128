/** Control characters never belong into a field: they forge log lines, split headers and end C strings (S-105). */

/** True when `text` holds a C0 control (NUL, CR, LF, ...), DEL or a C1 control (U+0080 to U+009F). */
export function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true;
  }
  return false;
}
