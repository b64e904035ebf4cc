output "address" {
  description = "Where the web server answers"
  value       = "http://${google_compute_instance.web.network_interface[0].access_config[0].nat_ip}:8080/"
}
