// A field for a longer text, in which Enter makes a new line. What is left of its room is said only near the end.
import type { TargetedInputEvent } from 'preact';
import { useId, useState } from 'preact/hooks';
import { fill, type Chosen } from '../parts/locale';
import { locales } from './screen';

const near = 0.1; // of the room
const character_bytes = { ja: 3, en: 1 } satisfies Record<Chosen, number>; // in UTF-8, mostly

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

type WritingProps = {
  label: string;
  begun: string; // what is in it at first
  bytes_max: number;
  rows: number;
  language: Chosen;
  onText: (text: string) => void;
};

export function Writing({ label, begun, bytes_max, rows, language, onText }: WritingProps) {
  const { staff: texts } = locales[language];
  const id = useId();
  const [left, setLeft] = useState(bytes_max - bytesOf(begun));
  const onInput = ({ currentTarget: { value } }: TargetedInputEvent<HTMLTextAreaElement>) => {
    setLeft(bytes_max - bytesOf(value));
    onText(value);
  };
  return (
    <div class="writing">
      <label class="writing-label" for={id}>{label}</label>
      <textarea
        id={id} rows={rows} defaultValue={begun} onInput={onInput} autocomplete="off" autocorrect="off"
        autocapitalize="sentences" spellcheck={false} data-gramm="false"
      />
      {left < 0 && <span class="fault" role="alert">{texts.writing_too_long}</span>}
      {left >= 0 && left < near * bytes_max && (
        <span class="quiet" role="status">{fill(texts.writing_left, { count: Math.floor(left / character_bytes[language]) })}</span>
      )}
    </div>
  );
}
