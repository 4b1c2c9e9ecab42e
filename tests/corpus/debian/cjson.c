#include "drive.h"
#include <cJSON.h>
#include <cJSON_Utils.h>
int main(void) {
  cJSON *one = cJSON_Parse("{\"a\": [1, 2.5, null, true], \"b\": {\"c\": \"x\\u00e4\\n\"}}");
  cJSON *two = cJSON_Parse("{\"a\": [1, 3, null], \"b\": {\"d\": \"moved\"}}");
  char *text = cJSON_Print(one);
  puts(text);
  free(text);
  cJSON *patch = cJSONUtils_GeneratePatches(one, two);
  text = cJSON_PrintUnformatted(patch);
  puts(text);
  free(text);
  printf("%d ", cJSONUtils_ApplyPatches(one, patch));
  printf("%d\n", cJSON_Compare(one, two, 1));
  text = cJSONUtils_FindPointerFromObjectTo(two, cJSON_GetObjectItem(cJSON_GetObjectItem(two, "b"), "d"));
  puts(text);
  free(text);
  if (!cJSON_Parse("[1, }")) puts(cJSON_GetErrorPtr());
  puts(cJSON_Version());
}
