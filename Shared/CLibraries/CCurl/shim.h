#pragma once
#include <curl/curl.h>

// libcurl's setters and getters take whatever follows the option's name, which Swift cannot call.
// Here is one of them per kind of argument, and the member of a union that Swift cannot name.

typedef size_t (*quittance_data_function)(char *bytes, size_t size, size_t count, void *context);
typedef int (*quittance_before_request_function)(
    void *context, char *remote_address, char *local_address, int remote_port, int local_port);
typedef curl_socket_t (*quittance_open_socket_function)(
    void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode quittance_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quittance_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quittance_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quittance_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quittance_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quittance_set_data_function(CURL *handle, CURLoption option, quittance_data_function value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quittance_set_before_request(CURL *handle, quittance_before_request_function value) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}
static inline CURLcode quittance_set_open_socket(CURL *handle, quittance_open_socket_function value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}
static inline long quittance_get_number(CURL *handle, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}
static inline void *quittance_get_private(CURL *handle) {
    char *value = NULL;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &value);
    return value;
}
static inline CURLMcode quittance_multi_set_number(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLcode quittance_result(const CURLMsg *message) {
    return message->data.result;
}
