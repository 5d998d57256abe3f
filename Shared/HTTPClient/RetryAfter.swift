/// Reads the header `Retry-After`, which is a number of seconds or a date.
enum RetryAfter {
    /// A server that asks for more is not believed: whoever waits decides how long is too long.
    static let secondsMax: Int64 = 31 * 86_400

    static func delay(of value: String, answeredAt date: String?) -> Duration? {
        if let seconds = Int64(value) {
            return seconds < 0 ? nil : .seconds(min(seconds, secondsMax))
        }
        guard let until = HTTPDate.secondsSince1970(value), let now = date.flatMap(HTTPDate.secondsSince1970) else {
            return nil
        }
        return .seconds(min(max(until - now, 0), secondsMax))
    }
}
