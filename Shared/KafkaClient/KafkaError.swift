import CKafka

/// What went wrong between us and the broker.
package struct KafkaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    package enum Kind: Hashable, Sendable {
        /// A setting is wrong; `property` names it.
        case configuration(property: String)
        /// The client was closed, or is closing.
        case closed
        /// No broker could be reached in time, or the connection broke.
        case unreachable
        /// The time allowed passed before an answer.
        case timedOut
        /// The client's own queue stayed full.
        case queueFull
        /// The broker refused the record itself (too large, invalid): sending it again cannot help.
        case recordRefused
        /// The topic or partition does not exist.
        case unknownTopic
        /// Credentials or rights are missing.
        case notAuthorised
        /// The group gave the partition to another member.
        case rebalanced
        /// The broker cannot do what was asked.
        case unsupported
        /// The client cannot go on and must be made anew.
        case fatal
        /// Anything else; `code` has librdkafka's number.
        case other
    }

    /// What a caller can do about it.
    package let kind: Kind
    /// The library's error number; 0 where the error is our own.
    package let code: Int32
    /// A sentence for people.
    package let message: String
    /// True when a record that failed could be in the topic all the same (the answer was lost).
    package let mayBeStored: Bool

    /// Makes an error of our own.
    package init(_ kind: Kind, _ message: String, code: Int32 = 0, mayBeStored: Bool = false) {
        self.kind = kind
        self.code = code
        self.message = message
        self.mayBeStored = mayBeStored
    }

    /// The sentence, with the library's number where there is one.
    package var description: String { code == 0 ? message : "\(message) (\(code))" }

    /// The client is no more.
    static let closed = KafkaError(.closed, "the Kafka client is closed")
}

extension KafkaError {
    /// Translates the library's error number.
    init(_ response: rd_kafka_resp_err_t, _ detail: String? = nil, mayBeStored: Bool = false) {
        let text = unsafe String(cString: rd_kafka_err2str(response))
        let message = detail.map { "\(text): \($0)" } ?? text
        self.init(Self.kind(of: response), message, code: response.rawValue, mayBeStored: mayBeStored)
    }

    private static func kind(of response: rd_kafka_resp_err_t) -> Kind {
        switch response {
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
            RD_KAFKA_RESP_ERR__SSL:
            .unreachable
        case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            .timedOut
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: .queueFull
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
            .recordRefused
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            .unknownTopic
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            .notAuthorised
        case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
            RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
            RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
            .rebalanced
        case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION: .unsupported
        case RD_KAFKA_RESP_ERR__FATAL: .fatal
        case RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT: .closed
        default: .other
        }
    }
}
