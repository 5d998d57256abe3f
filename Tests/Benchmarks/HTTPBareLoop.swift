import CCurl

/// What libcurl can do without us: one thread, one loop, handles added again as soon as they are done.
struct BareCurlLoop {
    let url: String
    let connections: Int
    let requests: Int

    /// Answers how many requests were answered with 200.
    func run() -> Int {
        guard let multi = unsafe curl_multi_init() else { return 0 }
        defer { unsafe _ = curl_multi_cleanup(multi) }
        unsafe quittance_multi_set_number(multi, CURLMOPT_MAXCONNECTS, connections)
        var begun = 0
        for _ in 0..<min(connections, requests) {
            guard let handle = unsafe newHandle() else { return 0 }
            unsafe curl_multi_add_handle(multi, handle)
            begun += 1
        }
        return unsafe transfer(multi, begun: begun)
    }

    private func newHandle() -> UnsafeMutableRawPointer? {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe quittance_set_text(handle, CURLOPT_URL, url)
        unsafe quittance_set_number(handle, CURLOPT_NOSIGNAL, 1)
        unsafe quittance_set_data_function(handle, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
        return unsafe handle
    }

    private func transfer(_ multi: UnsafeMutableRawPointer, begun: Int) -> Int {
        var begun = begun
        var done = 0
        var succeeded = 0
        while done < requests {
            var running: Int32 = 0
            var left: Int32 = 0
            unsafe curl_multi_perform(multi, &running)
            while let message = unsafe curl_multi_info_read(multi, &left) {
                guard let handle = unsafe message.pointee.easy_handle else { continue }
                done += 1
                succeeded += unsafe quittance_get_number(handle, CURLINFO_RESPONSE_CODE) == 200 ? 1 : 0
                unsafe curl_multi_remove_handle(multi, handle)
                if begun < requests {
                    begun += 1
                    unsafe curl_multi_add_handle(multi, handle)
                } else {
                    unsafe curl_easy_cleanup(handle)
                }
            }
            unsafe curl_multi_poll(multi, nil, 0, 100, nil)
        }
        return succeeded
    }
}
