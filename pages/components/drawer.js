// On a phone the navigation is a drawer, which Streamlit leaves open over the page that was chosen in it.
const PHONE = "(max-width: 768px)"; // where Streamlit itself lays the drawer over the page

function close() {
  const drawer = document.querySelector('[data-testid="stSidebar"]');
  if (drawer === null || drawer.getBoundingClientRect().right <= 0) return; // out of sight: closed
  drawer.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}

export default function () {
  if (window.matchMedia(PHONE).matches) close();
}
