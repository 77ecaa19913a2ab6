import { describe, expect, it } from 'vitest';
import { csvCell } from './csv';
import { escapeHtml } from './html';

describe('a cell of the CSV export', () => {
  it('is never a formula, but numbers stay numbers', () => {
    expect(csvCell('=cmd()')).toBe("'=cmd()");
    expect(csvCell('+1+1')).toBe("'+1+1");
    expect(csvCell('-2+3')).toBe("'-2+3");
    expect(csvCell('@SUM(A1)')).toBe("'@SUM(A1)");
    expect(csvCell('\uff1dcmd()')).toBe("'\uff1dcmd()");
    expect(csvCell('=HYPERLINK("x","y")')).toBe(`"'=HYPERLINK(""x"",""y"")"`);
    for (const number of ['-5', '+1.5', '-1e-7', '12']) expect(csvCell(number)).toBe(number);
  });

  it('keeps commas, quotes and line ends inside, and shows control characters', () => {
    expect(csvCell('a,"b"\nc')).toBe('"a,""b""\nc"');
    expect(csvCell('a\r\u001b[31mb')).toBe('a\ufffd\ufffd[31mb');
    expect(csvCell('')).toBe('');
  });
});

describe('text of the HTML export', () => {
  it('opens no tag and leaves no attribute', () => {
    expect(escapeHtml(`<script>alert("1")</script> & 'x'\u0000\u202e`)).toBe(
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;\ufffd\ufffd',
    );
  });
});
