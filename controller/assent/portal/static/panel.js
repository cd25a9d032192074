// What makes the panel nicer where scripts run; nothing needs it.
'use strict';

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Buttons that copy: <button class="copy" data-copy="#id" data-copied="Copied" hidden>.
function copying() {
  if (!navigator.clipboard) return;
  for (const button of all('button.copy[data-copy]')) {
    button.hidden = false;
    button.setAttribute('aria-live', 'polite');
  }
}

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
  const { copied } = button.dataset;
  if (!copied || button.textContent === copied) return;
  const said = [...button.childNodes];
  button.textContent = copied;
  setTimeout(() => button.replaceChildren(...said), 2000);
}

// Fields that are asked for only beside certain values of others: <div class="field" data-conditions='[["kind", ["a"], false]]'>,
// each a field, values of it ("" is nothing), and whether it must have none of them; all must hold. A hidden field is not
// sent; a fieldset all of whose fields are hidden is hidden with them.
function valuesOf(form, name) {
  const values = new FormData(form).getAll(name).filter((value) => value !== '');
  return values.length ? values : [''];
}

function conditions(form) {
  const holds = ([name, values, unless]) => valuesOf(form, name).some((value) => values.includes(value)) !== unless;
  const fields = all('[data-conditions]', form);
  for (const field of [...fields, ...fields]) { // twice: a condition may be on a field further down
    field.hidden = !JSON.parse(field.dataset.conditions).every(holds);
    for (const one of all('input, select, textarea', field)) one.disabled = field.hidden;
  }
  for (const set of all('fieldset', form)) {
    const inside = all('.field', set);
    if (inside.some((one) => one.dataset.conditions)) set.hidden = inside.every((one) => one.hidden);
  }
}

// <time datetime="…" data-local>: the moment by the reader's own clock, with its zone; what the page said, in UTC, stays in
// its title. Where that is the same time of day nothing is changed.
const CLOCK = { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' };

function local() {
  const words = new Intl.DateTimeFormat(document.documentElement.lang, CLOCK);
  for (const time of all('time[data-local]:not([title])')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || !at.getTimezoneOffset()) continue;
    time.title = time.textContent.trim();
    time.textContent = words.format(at);
  }
}

// A question before what cannot be taken back: <button data-confirm="…?">; the answer sends the same form.
function ask(button) {
  const dialog = document.getElementById('confirm');
  document.getElementById('confirm-question').textContent = button.dataset.confirm;
  dialog.returnValue = 'no';
  dialog.addEventListener('close', () => {
    if (dialog.returnValue !== 'yes') return;
    button.dataset.confirmed = 'yes';
    button.form.requestSubmit(button);
  }, { once: true });
  dialog.showModal();
}

// A form is sent once; what was pressed is still sent with it, so the buttons are only marked.
function sending(event) {
  const form = event.target;
  const button = event.submitter;
  if (form.method === 'dialog') return;
  const unasked = button?.dataset.confirm && !button.dataset.confirmed;
  if (unasked || form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (unasked) ask(button);
  } else if (form.method === 'post') {
    form.dataset.sent = 'yes';
    for (const one of all('button', form)) one.setAttribute('aria-disabled', 'true');
  }
}

// The back button shows the page as it was left, and htmx stays on it: its forms can be sent again.
function again() {
  for (const form of all('form[data-sent]')) {
    delete form.dataset.sent;
    for (const one of all('button', form)) {
      one.removeAttribute('aria-disabled');
      delete one.dataset.confirmed;
    }
  }
  all('form').forEach(conditions);
}

// <form data-unsaved>: the browser asks before what was typed is lost.
function leaving(event) {
  if (all('form[data-unsaved][data-typed]').some((form) => !form.dataset.sent)) event.preventDefault();
}

function begin() {
  copying();
  local();
  all('form').forEach(conditions);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button.copy[data-copy]');
  if (button) copy(button);
});
document.addEventListener('submit', sending, true);
document.addEventListener('input', (event) => {
  const form = event.target.form;
  if (!form) return;
  form.dataset.typed = 'yes';
  conditions(form);
});
for (const event of ['htmx:afterSwap', 'htmx:load']) document.addEventListener(event, begin);
document.addEventListener('htmx:afterRequest', again);
window.addEventListener('pageshow', again);
window.addEventListener('beforeunload', leaving);

begin();
document.querySelector('.summary')?.focus();
