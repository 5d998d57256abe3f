import CKafka
import Logging
import Synchronization

/// What the library's callbacks reach: the log, the statistics, the error that ended the client.
final class ClientContext: Sendable {
    private let logger: Logger?
    private let statistics: KafkaStatistics?
    private let fatal = Mutex<KafkaError?>(nil)
    private let serious = Mutex<KafkaError?>(nil)
    private let cutOff = Atomic(false)

    init(logger: Logger? = nil, statistics: KafkaStatistics? = nil) {
        self.logger = logger
        self.statistics = statistics
    }

    /// The error after which the client cannot go on.
    var fatalError: KafkaError? { fatal.withLock { $0 } }

    /// Whether a connection was lost since the last time.
    func takeCutOff() -> Bool { cutOff.exchange(false, ordering: .acquiringAndReleasing) }

    /// The last error that only a person can mend, such as a refused password; asking clears it.
    func takeSeriousError() -> KafkaError? {
        serious.withLock { error in
            defer { error = nil }
            return error
        }
    }

    /// An error that concerns no single call: it is logged, and kept when someone must act.
    func failed(_ error: KafkaError) {
        logger?.warning("kafka client error", metadata: ["reason": "\(error)"])
        switch error.kind {
        case .fatal: fatal.withLock { $0 = $0 ?? error }
        case .notAuthorised: serious.withLock { $0 = error }
        case .unreachable: cutOff.store(true, ordering: .releasing)
        default: break
        }
    }

    fileprivate func said(level: Int32, facility: String, _ text: String) {
        logger?.log(
            level: Self.level(of: level), "kafka client",
            metadata: ["facility": "\(facility)", "text": "\(text)"])
    }

    fileprivate func reported(_ json: UnsafeRawBufferPointer) {
        guard let statistics else { return }
        unsafe statistics.record(Array(json))
    }

    /// The library speaks syslog's levels.
    private static func level(of syslog: Int32) -> Logger.Level {
        switch syslog {
        case ...3: .error
        case 4: .warning
        case 5: .notice
        case 6: .info
        default: .debug
        }
    }
}

/// A client of the library.
///
/// `@unchecked Sendable`: the pointer never changes, and the library's calls on it are thread-safe by its contract.
@safe
final class KafkaHandle: @unchecked Sendable {
    let raw: OpaquePointer
    let context: ClientContext
    private let opaque: UnsafeMutableRawPointer

    /// Starts the library's threads; `prepare` may set further callbacks.
    init(
        _ role: KafkaConfiguration.Role, _ configuration: borrowing KafkaConfiguration, context: ClientContext,
        opaque owner: AnyObject? = nil, prepare: (OpaquePointer?) -> Void = { _ in }
    ) throws(KafkaError) {
        let opaque = unsafe Unmanaged.passRetained(CallbackTarget(context: context, owner: owner)).toOpaque()
        let copy = unsafe configuration.copy
        unsafe rd_kafka_conf_set_opaque(copy, opaque)
        unsafe rd_kafka_conf_set_log_cb(copy, logCallback)
        unsafe rd_kafka_conf_set_error_cb(copy, errorCallback)
        unsafe rd_kafka_conf_set_stats_cb(copy, statisticsCallback)
        unsafe prepare(copy)
        let (client, reason) = unsafe withErrorText { text, size in
            unsafe rd_kafka_new(role.kind, copy, text, size)
        }
        guard let client = unsafe client else {
            unsafe rd_kafka_conf_destroy(copy)
            unsafe Unmanaged<CallbackTarget>.fromOpaque(opaque).release()
            throw KafkaError(.configuration(property: "client"), reason)
        }
        unsafe self.raw = client
        self.context = context
        unsafe self.opaque = opaque
    }

    /// What the cluster calls itself, waiting for it if need be.
    func clusterIdentity(timeout: Duration) -> String? {
        guard let text = unsafe rd_kafka_clusterid(raw, Int32(clamping: timeout.wholeMilliseconds)) else { return nil }
        defer { unsafe rd_kafka_mem_free(raw, text) }
        return unsafe String(cString: text)
    }

    /// Ends the library's threads; MUST be the last call, once, on a thread that may block.
    func destroy() {
        unsafe rd_kafka_destroy_flags(raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        unsafe Unmanaged<CallbackTarget>.fromOpaque(opaque).release()
    }
}

/// What the opaque pointer of a client points to.
final class CallbackTarget {
    let context: ClientContext
    /// Who handles the callbacks of its own kind, such as rebalances.
    let owner: AnyObject?

    init(context: ClientContext, owner: AnyObject?) {
        self.context = context
        self.owner = owner
    }

    /// Finds the target again in a callback.
    static func of(_ opaque: UnsafeMutableRawPointer?) -> CallbackTarget? {
        unsafe opaque.map { unsafe Unmanaged<CallbackTarget>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension KafkaConfiguration.Role {
    fileprivate var kind: rd_kafka_type_t {
        switch self {
        case .producer: RD_KAFKA_PRODUCER
        case .consumer: RD_KAFKA_CONSUMER
        }
    }
}

private func logCallback(
    _ client: OpaquePointer?, _ level: Int32, _ facility: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?
) {
    guard let client = unsafe client, let facility = unsafe facility, let text = unsafe text else { return }
    let target = unsafe CallbackTarget.of(rd_kafka_opaque(client))
    target?.context.said(level: level, facility: unsafe String(cString: facility), unsafe String(cString: text))
}

private func errorCallback(
    _ client: OpaquePointer?, _ code: Int32, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let target = unsafe CallbackTarget.of(opaque) else { return }
    let response = rd_kafka_resp_err_t(rawValue: code)
    guard response == RD_KAFKA_RESP_ERR__FATAL else {
        target.context.failed(KafkaError(response, unsafe reason.map { unsafe String(cString: $0) }))
        return
    }
    let (cause, text) = unsafe withErrorText { unsafe rd_kafka_fatal_error(client, $0, $1) }
    target.context.failed(KafkaError(.fatal, text, code: cause.rawValue))
}

private func statisticsCallback(
    _ client: OpaquePointer?, _ json: UnsafeMutablePointer<CChar>?, _ length: Int, _ opaque: UnsafeMutableRawPointer?
) -> Int32 {
    guard let json = unsafe json, let target = unsafe CallbackTarget.of(opaque) else { return 0 }
    unsafe target.context.reported(UnsafeRawBufferPointer(start: json, count: length))
    return 0
}
