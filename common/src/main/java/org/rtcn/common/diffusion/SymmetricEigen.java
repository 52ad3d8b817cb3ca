package org.rtcn.common.diffusion;

/** Eigenvalues of small symmetric matrices (cyclic Jacobi rotations). */
final class SymmetricEigen {
  private static final int SWEEPS = 30;

  private SymmetricEigen() {}

  /**
   * Diagonalises a symmetric matrix in place; returns the eigenvectors as columns; the eigenvalues
   * stand on the diagonal.
   */
  static double[][] diagonalise(double[][] m) {
    int n = m.length;
    double[][] vectors = new double[n][n];
    for (int i = 0; i < n; i++) {
      vectors[i][i] = 1;
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean turned = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          if (Math.abs(m[p][q]) < 1e-14 * Math.sqrt(Math.abs(m[p][p] * m[q][q]))) {
            continue;
          }
          turned = true;
          double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
          double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
          double c = 1 / Math.hypot(t, 1);
          double s = t * c;
          for (int k = 0; k < n; k++) {
            double mkp = m[k][p];
            double mkq = m[k][q];
            m[k][p] = c * mkp - s * mkq;
            m[k][q] = s * mkp + c * mkq;
          }
          for (int k = 0; k < n; k++) {
            double mpk = m[p][k];
            double mqk = m[q][k];
            m[p][k] = c * mpk - s * mqk;
            m[q][k] = s * mpk + c * mqk;
            double vkp = vectors[k][p];
            double vkq = vectors[k][q];
            vectors[k][p] = c * vkp - s * vkq;
            vectors[k][q] = s * vkp + c * vkq;
          }
        }
      }
      if (!turned) {
        break;
      }
    }
    return vectors;
  }
}
