import CCurl

/// One easy handle, used for transfer after transfer, with what its callbacks write to.
///
/// Belongs to the loop's thread. Options that never change are set once; `prepare` sets every other one each time,
/// so nothing of one transfer is left for the next.
@safe final class TransferSlot {
    /// Header lines and replies longer than this together are no answer.
    private static let headBytesMax = 64 << 10

    let handle: UnsafeMutableRawPointer
    private(set) var transfer: Transfer?
    var stop: TransferResult.Stop?
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    private var bodySent = 0
    private var attempts = 0
    private var list: UnsafeMutablePointer<curl_slist>?

    init?(_ settings: TransferSettings) {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
        guard unsafe TransferOptions(handle: handle).setOnce(settings, slot: self) else {
            unsafe curl_easy_cleanup(handle)
            return nil
        }
    }

    /// The handle is freed here and not in `deinit`, where the multi handle might be gone already.
    func destroy() { unsafe curl_easy_cleanup(handle) }

    func prepare(_ transfer: Transfer, totalTimeout: Duration) -> CURLcode {
        self.transfer = transfer
        transfer.slot = self
        let options = unsafe TransferOptions(handle: handle)
        return unsafe options.set(transfer.plan, totalTimeout: totalTimeout, list: &list)
    }

    /// Lets go of the transfer and answers what came of it.
    func release(_ code: CURLcode) -> TransferResult {
        let result = unsafe TransferResult(
            code: Int(code.rawValue), stop: stop,
            status: quittance_get_number(handle, CURLINFO_RESPONSE_CODE),
            proxyStatus: quittance_get_number(handle, CURLINFO_HTTP_CONNECTCODE),
            head: head, body: body, wasBegun: attempts > 0,
            bodyWasHandedOver: bodySent > 0 && bodySent == transfer?.plan.body?.count)
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        transfer?.slot = nil
        transfer = nil
        stop = nil
        head = []
        body = []
        bodySent = 0
        attempts = 0
        return result
    }

    // MARK: Called by libcurl

    /// Called each time the request is about to leave on a connection that stands.
    func beforeRequest() -> Int32 {
        attempts += 1
        if attempts > 1, case .request(_, _, mayRepeat: false) = transfer?.plan.kind {
            // A kept connection died under the request: the server may have acted, and libcurl would just ask again.
            stop = .wouldRepeat
            return CURL_PREREQFUNC_ABORT
        }
        return CURL_PREREQFUNC_OK
    }

    func receiveHead(_ bytes: UnsafeRawBufferPointer) -> Int {
        // A new status line ends what came before it: an interim answer such as 100.
        if unsafe bytes.starts(with: "HTTP/".utf8) { head.removeAll(keepingCapacity: true) }
        guard head.count + bytes.count <= Self.headBytesMax else { return refuse(.answerTooLong) }
        unsafe head.append(contentsOf: bytes)
        return bytes.count
    }

    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= transfer?.plan.answerBytesMax ?? 0 else { return refuse(.answerTooLong) }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    /// Any other number than that of the bytes given makes libcurl end the transfer.
    private func refuse(_ stop: TransferResult.Stop) -> Int {
        self.stop = stop
        return -1
    }

    func giveBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
        guard let source = transfer?.plan.body else { return 0 }
        let count = min(room.count, source.count - bodySent)
        unsafe room.copyBytes(from: source[bodySent..<bodySent + count])
        bodySent += count
        return count
    }
}
