for (const button of document.querySelectorAll('th button')) {
  button.addEventListener('click', () => {
    const head = button.parentElement;
    const ascending = head.getAttribute('aria-sort') !== 'ascending';
    const column = head.cellIndex;
    const body = head.closest('table').tBodies[0];
    const value = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
    const numeric = (row) => row.cells[column].dataset.sort !== undefined;
    const compare = (a, b) => (numeric(a) && numeric(b) ? value(a) - value(b) : value(a).localeCompare(value(b)));
    const rows = [...body.rows].sort((a, b) => (ascending ? compare(a, b) : compare(b, a)));
    for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
    body.append(...rows);
  });
}
