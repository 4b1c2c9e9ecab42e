#include "program.h"
#include <cJSON.h>
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  cJSON *list = cJSON_CreateArray();
  for (int at = 0; at < 2000; at++) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddNumberToObject(item, "id", at);
    cJSON_AddStringToObject(item, "name", "a \"quoted\" name\n");
    cJSON_AddNumberToObject(item, "price", at * 0.25 + 1e-3);
    cJSON_AddItemToObject(item, "tags", cJSON_CreateIntArray((int[]){at, at + 1, at * 2}, 3));
    cJSON_AddItemToArray(list, item);
  }
  char *text = cJSON_PrintUnformatted(list);
  cJSON_Delete(list);
  while (n--) {
    cJSON *parsed = cJSON_Parse(text);
    cJSON_SetNumberValue(cJSON_GetObjectItem(cJSON_GetArrayItem(parsed, n), "id"), n * 3);
    free(text);
    text = cJSON_PrintUnformatted(parsed);
    value = mix(value, text, strlen(text));
    cJSON_Delete(parsed);
  }
  free(text);
  return value;
}
