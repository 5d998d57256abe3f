import Foundation

/// An nginx of our own that answers every request with a few bytes, as fast as a server can.
struct BenchmarkWebServer {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let url: String
    private let folder: URL
    private let process = Process()

    init() throws {
        let port = Int.random(in: 20_000..<60_000)
        url = "http://127.0.0.1:\(port)/"
        folder = FileManager.default.temporaryDirectory.appending(path: "quittance-benchmark-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "nginx.conf")
        try Data(configuration(port: port).utf8).write(to: file)
        guard let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].first(where: FileManager.default.isExecutableFile)
        else {
            throw Failure(description: "nginx is missing: apt-get install nginx-light")
        }
        process.executableURL = URL(filePath: program)
        process.arguments = ["-c", file.path, "-p", folder.path, "-e", "stderr"]
        try process.run()
        try waitUntilReady()
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private func waitUntilReady() throws {
        let ready = folder.appending(path: "nginx.pid").path
        for _ in 0..<500 where !FileManager.default.fileExists(atPath: ready) { usleep(10_000) }
        guard process.isRunning else { throw Failure(description: "nginx did not start; see its message above") }
    }

    private func configuration(port: Int) -> String {
        """
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log stderr;
        events { worker_connections 1024; }
        http {
            access_log off;
            keepalive_requests 1000000;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            server { listen 127.0.0.1:\(port); location / { return 200 "hello"; } }
        }

        """
    }
}
