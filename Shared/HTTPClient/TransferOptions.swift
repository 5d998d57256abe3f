import CCurl
import Observability

/// Sets a handle's options.
///
/// Lives no longer than one call on the loop's thread.
@safe struct TransferOptions {
    let handle: UnsafeMutableRawPointer

    // MARK: Once

    /// Everything that is the same for all transfers of a client; `false` if libcurl knows an option not.
    func setOnce(_ settings: TransferSettings, slot: TransferSlot) -> Bool {
        let context = unsafe Unmanaged.passUnretained(slot).toOpaque()
        let codes =
            unsafe callbacks(context) + connection(settings) + tls(settings) + mail(settings.mail)
            + guardAddresses(settings.route, context)
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func callbacks(_ context: UnsafeMutableRawPointer) -> [CURLcode] {
        unsafe [
            quittance_set_data_function(handle, CURLOPT_HEADERFUNCTION, receiveHead),
            quittance_set_pointer(handle, CURLOPT_HEADERDATA, context),
            quittance_set_data_function(handle, CURLOPT_WRITEFUNCTION, receiveBody),
            quittance_set_pointer(handle, CURLOPT_WRITEDATA, context),
            quittance_set_data_function(handle, CURLOPT_READFUNCTION, giveBody),
            quittance_set_pointer(handle, CURLOPT_READDATA, context),
            quittance_set_before_request(handle, beforeRequest),
            quittance_set_pointer(handle, CURLOPT_PREREQDATA, context),
            quittance_set_pointer(handle, CURLOPT_PRIVATE, context),
        ]
    }

    private func connection(_ settings: TransferSettings) -> [CURLcode] {
        var proxy = ""
        if case .proxy(let address) = settings.route { proxy = address.reveal() }
        return unsafe [
            // Signals belong to the program; libcurl would use SIGALRM for time-outs.
            quittance_set_number(handle, CURLOPT_NOSIGNAL, 1),
            // A look-up that hangs is left behind: waiting for its thread would stop all transfers and their limits.
            quittance_set_number(handle, CURLOPT_QUICK_EXIT, 1),
            quittance_set_text(handle, CURLOPT_PROTOCOLS_STR, settings.protocols),
            quittance_set_number(handle, CURLOPT_FOLLOWLOCATION, 0),
            // One request per connection at a time: whether it was begun is then a clear question.
            quittance_set_number(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            // Empty, not unset: unset would take them from the environment.
            quittance_set_text(handle, CURLOPT_PROXY, proxy),
            quittance_set_text(handle, CURLOPT_NOPROXY, ""),
            quittance_set_number(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            quittance_set_number(
                handle, CURLOPT_MAXAGE_CONN, max(1, settings.idleConnectionAgeMax.milliseconds / 1_000)),
            quittance_set_text(handle, CURLOPT_USERAGENT, settings.userAgent),
        ]
    }

    private func tls(_ settings: TransferSettings) -> [CURLcode] {
        let codes = unsafe [
            quittance_set_number(handle, CURLOPT_SSL_VERIFYPEER, 1),
            quittance_set_number(handle, CURLOPT_SSL_VERIFYHOST, 2),
            quittance_set_number(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
        ]
        guard let file = settings.trustedCertificates else { return codes }
        return unsafe codes + [
            quittance_set_text(handle, CURLOPT_CAINFO, file),
            // The system's directory would be trusted beside the file.
            quittance_set_text(handle, CURLOPT_CAPATH, nil),
        ]
    }

    private func guardAddresses(
        _ route: HTTPClientSettings.Route, _ context: UnsafeMutableRawPointer
    ) -> [CURLcode] {
        guard route == .directToPublicAddressesOnly else { return [] }
        return unsafe [
            quittance_set_open_socket(handle, openPublicSocket),
            quittance_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context),
        ]
    }

    private func mail(_ mail: TransferSettings.Mail?) -> [CURLcode] {
        guard let mail else { return [] }
        let level =
            switch mail.security {
            case .tls, .startTLS: CURLUSESSL_ALL
            case .startTLSIfOffered: CURLUSESSL_TRY
            case .plain: CURLUSESSL_NONE
            }
        return unsafe [
            quittance_set_number(handle, CURLOPT_USE_SSL, Int(level.rawValue)),
            quittance_set_text(handle, CURLOPT_USERNAME, mail.login?.user),
            quittance_set_text(handle, CURLOPT_PASSWORD, mail.login?.password.reveal()),
        ]
    }

    // MARK: For each transfer

    /// Everything that may differ between two transfers; `list` is to be freed after the transfer.
    func set(
        _ plan: TransferPlan, totalTimeout: Duration, list: inout UnsafeMutablePointer<curl_slist>?
    ) -> CURLcode {
        let limits = unsafe [
            quittance_set_text(handle, CURLOPT_URL, plan.url),
            quittance_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, plan.connectTimeout.milliseconds),
            quittance_set_number(handle, CURLOPT_TIMEOUT_MS, totalTimeout.milliseconds),
        ]
        if let failure = limits.first(where: { $0 != CURLE_OK }) { return failure }
        switch plan.kind {
        case .request(let method, let headers, _):
            return unsafe set(method, headers, plan, list: &list)
        case .mail(let from, let to):
            return unsafe set(from: from, to: to, bytes: plan.body?.count ?? 0, list: &list)
        }
    }

    private func set(
        _ method: HTTPRequest.Method, _ headers: [String], _ plan: TransferPlan,
        list: inout UnsafeMutablePointer<curl_slist>?
    ) -> CURLcode {
        for header in headers where unsafe !append(header, to: &list) { return CURLE_OUT_OF_MEMORY }
        let codes = unsafe [
            quittance_set_list(handle, CURLOPT_HTTPHEADER, list),
            // Spares the bytes when the server says beforehand that they are too many.
            quittance_set_size(handle, CURLOPT_MAXFILESIZE_LARGE, method == .head ? 0 : plan.answerBytesMax),
            setMethod(method, body: plan.body),
        ]
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    /// Body or not decides libcurl's own method, the name is then put over it.
    private func setMethod(_ method: HTTPRequest.Method, body: [UInt8]?) -> CURLcode {
        var codes = unsafe [
            quittance_set_number(handle, CURLOPT_NOBODY, method == .head ? 1 : 0),
            quittance_set_text(handle, CURLOPT_CUSTOMREQUEST, method == .head ? nil : method.rawValue),
        ]
        if method == .get || method == .delete && body == nil {
            unsafe codes.append(quittance_set_number(handle, CURLOPT_HTTPGET, 1))
        } else if method != .head {
            codes += setBody(body ?? [])
        }
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private func setBody(_ body: [UInt8]) -> [CURLcode] {
        // The size goes before the bytes: it says how much is to be copied.
        var codes = unsafe [
            quittance_set_number(handle, CURLOPT_POST, 1),
            quittance_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, Int(body.count)),
        ]
        if body.isEmpty {
            // Nothing at all would make libcurl ask for bytes while it sends.
            unsafe codes.append(quittance_set_text(handle, CURLOPT_COPYPOSTFIELDS, ""))
        } else {
            let code = unsafe body.withUnsafeBytes { bytes in
                unsafe quittance_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
            }
            codes.append(code)
        }
        return codes
    }

    private func set(
        from: String, to: [String], bytes: Int, list: inout UnsafeMutablePointer<curl_slist>?
    ) -> CURLcode {
        for recipient in to where unsafe !append(recipient, to: &list) { return CURLE_OUT_OF_MEMORY }
        let codes = unsafe [
            quittance_set_text(handle, CURLOPT_MAIL_FROM, from),
            quittance_set_list(handle, CURLOPT_MAIL_RCPT, list),
            quittance_set_number(handle, CURLOPT_UPLOAD, 1),
            quittance_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int(bytes)),
        ]
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private func append(_ text: String, to list: inout UnsafeMutablePointer<curl_slist>?) -> Bool {
        guard let longer = unsafe curl_slist_append(list, text) else { return false }
        unsafe list = longer
        return true
    }
}
