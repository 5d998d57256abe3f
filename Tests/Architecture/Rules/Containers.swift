/// Every service of `docker-compose.yml` can have as many containers as an operator asks for (OPS-1).
enum Containers {
    /// Of these there is one: what keeps the data, and what owns the ports.
    private static let alone: Set<Substring> = ["postgres", "kafka", "proxy"]

    /// What a second container of a service would want too, and could not have or would have to share.
    private static let owned: Set<Substring> = [
        "ports", "container_name", "hostname", "network_mode", "volumes", "tmpfs", "ipv4_address",
    ]

    static func breaches(in path: String, _ text: String) -> [Breach] {
        keys(in: text).filter { owned.contains($0.key) && !alone.contains($0.owner) }.map {
            Breach(path, line: $0.line, "\($0.owner) could have no second container, for it has \($0.key)")
        }
    }

    /// The services, and the blocks that services share.
    static func owners(in text: String) -> Set<String> { Set(keys(in: text).map { String($0.owner) }) }

    private typealias Key = (owner: Substring, key: Substring, line: Int)

    /// Every key below a service, or below a block at the top.
    private static func keys(in text: String) -> [Key] {
        var (owner, isInServices): (Substring, Bool) = ("", false)
        var keys: [Key] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let said = line.drop { $0 == " " }
            guard let first = said.first, first != "#" else { continue }
            let key = said.prefix { $0 != ":" }
            switch line.count - said.count {
            case 0: (owner, isInServices) = (key, key == "services")
            case 2 where isInServices: owner = key
            default: keys.append((owner, key, index + 1))
            }
        }
        return keys
    }
}
