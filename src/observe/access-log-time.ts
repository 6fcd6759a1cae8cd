// The two spellings of the time in the access log. Lines come thousands a second and formatting a date is dear, so each second is
// formatted once.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** ".000" to ".999": three digits of a fraction by lookup, because toFixed() costs more than the rest of a line. */
export const thousandths: readonly string[] = Array.from({ length: 1000 }, (_, i) => `.${String(i).padStart(3, '0')}`);

/** "31/Jan/2026:12:00:00 +0100" in local time, as Apache and nginx write it. */
export class CommonLogTime {
  private second = -1;
  private text = '';

  format(timeMs: number): string {
    const second = Math.floor(timeMs / 1000);
    if (second !== this.second) {
      this.second = second;
      this.text = commonLogTime(new Date(second * 1000));
    }
    return this.text;
  }
}

/** "2026-01-31T11:00:00.123Z". */
export class IsoTime {
  private second = -1;
  private prefix = '';

  format(timeMs: number): string {
    const second = Math.floor(timeMs / 1000);
    if (second !== this.second) {
      this.second = second;
      this.prefix = new Date(second * 1000).toISOString().slice(0, 19);
    }
    return `${this.prefix}${thousandths[Math.floor(timeMs - second * 1000)]}Z`;
  }
}

function commonLogTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const distance = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(distance / 60))}${two(distance % 60)}`;
  const day = `${two(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`;
  return `${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
