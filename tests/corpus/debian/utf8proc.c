#include "drive.h"
#include <utf8proc.h>
int main(void) {
  static const char *const texts[] = {"Cafe\xcc\x81 \xc3\x84\xc3\x9f", "\xef\xac\x81n \xe2\x85\xa7", "\xea\xb0\x81 \xe1\x84\x80\xe1\x85\xa1"};
  for (int at = 0; at < 3; at++) {
    const utf8proc_uint8_t *text = (const utf8proc_uint8_t *) texts[at];
    utf8proc_uint8_t *(*const forms[])(const utf8proc_uint8_t *) = {utf8proc_NFD, utf8proc_NFC, utf8proc_NFKD, utf8proc_NFKC, utf8proc_NFKC_Casefold};
    for (int form = 0; form < 5; form++) {
      utf8proc_uint8_t *out = forms[form](text);
      printf("%s ", out);
      free(out);
    }
    puts("");
  }
  for (int code = 0x20; code < 0x30000; code += 0x1357)
    printf("%s%d ", utf8proc_category_string(code), utf8proc_charwidth(code));
  printf("\n%s %s %x\n", utf8proc_errmsg(UTF8PROC_ERROR_INVALIDUTF8), utf8proc_unicode_version(), utf8proc_toupper(0xe4));
}
