import { TestBed } from '@angular/core/testing';
import { describe, expect, it } from 'vitest';
import { LogText } from './log-text';

describe('LogText', () => {
  it('shows markup in a log as the text it is', async () => {
    const line = TestBed.createComponent(LogText);
    line.componentRef.setInput('text', '\x1b[31m<script>alert(1)</script>\x1b[0m <b>b</b>');
    await line.whenStable();

    const element: HTMLElement = line.nativeElement;
    expect(element.textContent).toBe('<script>alert(1)</script> <b>b</b>');
    expect(element.querySelector('script, b')).toBeNull();
    expect(element.querySelector('.fg-red')?.textContent).toBe('<script>alert(1)</script>');
  });
});
